#include "tests/ui/window/window_fixture.h"

#include "core/hardware/accelerator.h"
#include "core/hardware/system.h"
#include "core/sources/presets.h"
#include "ui/form/picker.h"
#include "ui/form/picker_popup.h"

#include <QApplication>
#include <QTreeView>

namespace weighbridge::test {

namespace {

class Pickers : public WindowTest
{
protected:
    PickerPopup* popup(const QString& picker)
    {
        EXPECT_TRUE(form().reveal(picker));
        press(Qt::Key_Down);
        auto* found = window->findChild<PickerPopup*>(u"picker.popup"_s);
        EXPECT_NE(found, nullptr);
        return found;
    }

    static QLineEdit* search(const PickerPopup* popup) { return popup->findChild<QLineEdit*>(u"picker.search"_s); }
    static QTreeView* rows(const PickerPopup* popup) { return popup->findChild<QTreeView*>(u"picker.rows"_s); }

    static int leaves(const QAbstractItemModel& model, const QModelIndex& parent = {})
    {
        int count = 0;
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const QModelIndex index = model.index(row, 0, parent);
            count += index.data(Picker::valueRole).isValid() ? 1 : leaves(model, index);
        }
        return count;
    }
};

TEST_F(Pickers, TheListIsMadeOnlyWhenItIsOpened)
{
    open();
    EXPECT_EQ(window->findChild<PickerPopup*>(), nullptr);
}

TEST_F(Pickers, AllModelsAreListedAndOneIsFoundBySizeAndTaken)
{
    open();
    auto* list = popup(u"model"_s);
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(leaves(*rows(list)->model()), static_cast<int>(preset_names().size()) + 1);
    QTest::keyClicks(search(list), u"llama 3.1 70b"_s);
    EXPECT_GE(leaves(*rows(list)->model()), 1);
    QTest::keyClick(search(list), Qt::Key_Return);
    settle();
    EXPECT_EQ(toQt(session().model()->name), u"Llama-3.1-70B"_s);
    EXPECT_EQ(find<QAbstractButton>(u"model"_s)->text(), u"Llama-3.1-70B"_s);
}

TEST_F(Pickers, TypingOnTheClosedPickerOpensItWithThatText)
{
    open();
    ASSERT_TRUE(form().reveal(u"hardware.accelerator"_s));
    QTest::keyClicks(QApplication::focusWidget(), u"h"_s);
    auto* list = window->findChild<PickerPopup*>(u"picker.popup"_s);
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(search(list)->text(), u"h"_s);
}

TEST_F(Pickers, AllAcceleratorsAreListedByVendorAndKindAndThenTheSystems)
{
    open();
    auto* list = popup(u"hardware.accelerator"_s);
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(leaves(*rows(list)->model()), static_cast<int>(Catalogue().ids().size() + bundled_systems().size()) + 1);
    QTest::keyClicks(search(list), u"nvidia consumer 4090"_s);
    EXPECT_GE(leaves(*rows(list)->model()), 1);
    QTest::keyClick(search(list), Qt::Key_Return);
    settle();
    EXPECT_NE(session().accelerator().name.find("4090"), std::string::npos);
}

TEST_F(Pickers, WithoutAHitTheListSaysWhatToDo)
{
    open();
    for (const QString& picker : {u"model"_s, u"hardware.accelerator"_s}) {
        auto* list = popup(picker);
        ASSERT_NE(list, nullptr);
        auto* nothing = list->findChild<QLabel*>(u"picker.nothing"_s);
        ASSERT_NE(nothing, nullptr);
        EXPECT_TRUE(nothing->isHidden());
        QTest::keyClicks(search(list), u"zzz"_s);
        EXPECT_TRUE(nothing->isVisible());
        EXPECT_FALSE(rows(list)->isVisible());
        EXPECT_TRUE(nothing->text().contains(u"“zzz”"_s) && nothing->text().contains(u"Custom"_s));
        EXPECT_EQ(search(list)->accessibleDescription(), nothing->text());
        QTest::keyClick(search(list), Qt::Key_Return); // nothing to take
        EXPECT_TRUE(list->isVisible());
        search(list)->clear();
        EXPECT_TRUE(nothing->isHidden());
        EXPECT_TRUE(rows(list)->isVisible());
        QTest::keyClick(search(list), Qt::Key_Escape);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        settle();
    }
}

TEST_F(Pickers, EscapeLeavesThingsAsTheyWere)
{
    open();
    auto* list = popup(u"model"_s);
    ASSERT_NE(list, nullptr);
    QTest::keyClicks(search(list), u"70b"_s);
    QTest::keyClick(search(list), Qt::Key_Escape);
    settle();
    EXPECT_EQ(session().undoStack().count(), 0);
}

TEST_F(Pickers, ASearchWithoutHitsChoosesNothing)
{
    open();
    auto* list = popup(u"model"_s);
    ASSERT_NE(list, nullptr);
    QTest::keyClicks(search(list), u"zzzz"_s);
    QTest::keyClick(search(list), Qt::Key_Return);
    settle();
    EXPECT_EQ(session().undoStack().count(), 0);
}

TEST_F(Pickers, CustomTurnsTheModelIntoOneOfYourOwn)
{
    open();
    const auto parameters = session().model()->parameters.total;
    auto* list = popup(u"model"_s);
    ASSERT_NE(list, nullptr);
    QTest::keyClicks(search(list), u"custom"_s);
    QTest::keyClick(search(list), Qt::Key_Return);
    settle();
    EXPECT_EQ(session().model()->name, "Custom");
    EXPECT_EQ(session().model()->parameters.total, parameters);
    type(u"model.num_layers"_s, u"16"_s);
    EXPECT_EQ(session().model()->architecture.layers(), 16);
    EXPECT_FALSE(session().state().stale);
}

} // namespace

} // namespace weighbridge::test
