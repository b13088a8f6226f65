#include "tests/ui/support/sample_estimate.h"
#include "ui/charts/roofline_chart.h"
#include "ui/charts/stacked_bar.h"
#include "ui/views/fit_cards.h"
#include "ui/widgets/segmented_control.h"

#include <gmock/gmock.h>

#include <QAccessible>
#include <QSignalSpy>

namespace weighbridge {

namespace {

ViewState llama()
{
    return {sample::shared(sample::llama70b()), false, ByteUnit::gib};
}

void showAt(QWidget& widget)
{
    widget.resize(900, 400);
    widget.move(30, 40);
    widget.show();
}

} // namespace

TEST(AccessibleParts, BarIsAChartOfSegments)
{
    StackedBar bar;
    bar.display(llama());
    showAt(bar);
    QAccessibleInterface* chart = QAccessible::queryAccessibleInterface(&bar);
    ASSERT_TRUE(chart);
    EXPECT_EQ(chart->role(), QAccessible::Chart);
    EXPECT_EQ(chart->text(QAccessible::Name), QStringLiteral("Memory per GPU, 65.7 of 79.6\u00A0GiB used, Fits"));
    ASSERT_EQ(chart->childCount(), 4);
    for (int i = 0; i < 4; ++i) {
        QAccessibleInterface* segment = chart->child(i);
        ASSERT_TRUE(segment);
        const auto part = static_cast<std::size_t>(i);
        EXPECT_EQ(segment->role(), QAccessible::ListItem);
        EXPECT_EQ(segment->text(QAccessible::Name), bar.partName(part));
        const QRect local = bar.partRect(part).toAlignedRect();
        EXPECT_EQ(segment->rect(), QRect(bar.mapToGlobal(local.topLeft()), local.size()));
        EXPECT_EQ(segment->parent(), chart);
        EXPECT_EQ(chart->indexOfChild(segment), i);
        const QPoint centre = segment->rect().center();
        EXPECT_EQ(chart->childAt(centre.x(), centre.y()), segment);
    }
    EXPECT_EQ(chart->child(4), nullptr);
    EXPECT_EQ(chart->child(-1), nullptr);
}

TEST(AccessibleParts, SegmentsThatWentAreInvalid)
{
    StackedBar bar;
    bar.display(llama());
    showAt(bar);
    QAccessibleInterface* last = QAccessible::queryAccessibleInterface(&bar)->child(3);
    bar.display({sample::shared(sample::nothing()), false, ByteUnit::gib});
    EXPECT_FALSE(last->isValid());
    EXPECT_TRUE(last->text(QAccessible::Name).isEmpty());
    EXPECT_TRUE(last->rect().isEmpty());
}

TEST(AccessibleParts, RooflineIsAChartOfPoints)
{
    RooflineChart roofline;
    showAt(roofline);
    roofline.display(llama(), 0);
    QAccessibleInterface* chart = QAccessible::queryAccessibleInterface(&roofline);
    EXPECT_EQ(chart->role(), QAccessible::Chart);
    ASSERT_EQ(chart->childCount(), 6);
    EXPECT_TRUE(chart->child(0)->text(QAccessible::Name).startsWith(QStringLiteral("QKV projection")));
}

TEST(AccessibleParts, CardsAreAListThatCanBePressed)
{
    FitCards cards;
    cards.display(llama());
    showAt(cards);
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&cards);
    EXPECT_EQ(list->role(), QAccessible::List);
    ASSERT_EQ(list->childCount(), 9);
    EXPECT_TRUE(list->child(4)->state().selected);
    EXPECT_FALSE(list->child(0)->state().selected);
    QSignalSpy chosen(&cards, &FitCards::acceleratorChosen);
    ASSERT_TRUE(list->child(7)->actionInterface());
    list->child(7)->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    ASSERT_EQ(chosen.count(), 1);
    EXPECT_EQ(chosen.front().front().toString(), QStringLiteral("h200"));
}

TEST(AccessibleParts, SegmentedControlIsAGroupOfRadioButtons)
{
    SegmentedControl control({QStringLiteral("Decode"), QStringLiteral("Prefill")});
    control.setCurrentIndex(1);
    showAt(control);
    QAccessibleInterface* group = QAccessible::queryAccessibleInterface(&control);
    EXPECT_EQ(group->role(), QAccessible::Grouping);
    EXPECT_EQ(group->child(1)->role(), QAccessible::RadioButton);
    EXPECT_TRUE(group->child(1)->state().checked);
    EXPECT_FALSE(group->child(0)->state().checked);
}

} // namespace weighbridge
