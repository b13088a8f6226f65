#include "ui/widgets/elided_label.h"
#include "ui/widgets/selectable_label.h"

#include <gtest/gtest.h>

#include <QTest>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString shownIn(const QString& room, const QString& text)
{
    ElidedLabel label;
    label.resize(label.fontMetrics().horizontalAdvance(room) + 1, 20);
    label.setFullText(text);
    EXPECT_EQ(label.toolTip(), label.text() == text ? QString() : text);
    return label.text();
}

} // namespace

TEST(ElidedLabel, LeavesOutWholeFacts)
{
    const QString facts = u"Llama-3.1-8B · 8.03 B · GQA 4:1 · 131,072 B per token"_s;
    EXPECT_EQ(shownIn(facts, facts), facts);
    const QString less = u"Llama-3.1-8B · 8.03 B · … · 131,072 B per token"_s;
    EXPECT_EQ(shownIn(less, facts), less);
    const QString least = u"Llama-3.1-8B · … · 131,072 B per token"_s;
    EXPECT_EQ(shownIn(least, facts), least);
    EXPECT_TRUE(shownIn(u"Llama … token"_s, facts).contains(u'…')) << "then the words themselves";
    EXPECT_EQ(shownIn(u"W"_s, {}), QString());
}

TEST(SelectableLabel, CanBeSelectedOnceThePointerIsThere)
{
    SelectableLabel label;
    label.setText(u"17.0 GiB"_s);
    label.resize(label.sizeHint());
    label.show();
    ASSERT_TRUE(QTest::qWaitForWindowExposed(&label));
    const QSize before = label.sizeHint();
    const QPoint word(3, label.height() / 2);
    QTest::mouseClick(&label, Qt::LeftButton, {}, word); // the first of the two clicks
    QTest::mouseDClick(&label, Qt::LeftButton, {}, word);
    EXPECT_TRUE(label.hasSelectedText());
    EXPECT_EQ(label.sizeHint(), before) << "nothing moves under the pointer";
}

} // namespace weighbridge
