#include "tests/ui/window/window_fixture.h"

#include "ui/form/machine_edit.h"
#include "ui/form/number_edit.h"
#include "ui/form/picker.h"
#include "ui/form/picker_popup.h"

#include <QAbstractButton>

namespace weighbridge::test {

namespace {

class MachineEdits : public WindowTest
{
protected:
    const HardwareChoice& hardware() { return session().scenario().hardware; }
    QString count(int row) { return find<NumberEdit>(u"hardware.devices.%1.count"_s.arg(row))->text(); }
    MachineEdit& machine() { return *window->findChild<MachineEdit*>(); }

    /// Replaces the count of a row by key clicks.
    void typeCount(int row, const QString& text) { typeInto(u"hardware.devices.%1.count"_s.arg(row), text); }

    void typeInto(const QString& name, const QString& text)
    {
        auto* edit = find<NumberEdit>(name);
        EXPECT_TRUE(form().reveal(u"hardware.accelerator"_s));
        edit->setFocus();
        edit->selectAll();
        QTest::keyClick(edit, Qt::Key_Delete);
        QTest::keyClicks(edit, text);
        settle();
    }

    /// Takes the first entry of a list that holds these words.
    void take(const QString& picker, const QString& words)
    {
        auto* button = find<Picker>(picker);
        button->open(words);
        auto* popup = window->findChild<PickerPopup*>(u"picker.popup"_s);
        ASSERT_NE(popup, nullptr);
        QTest::keyClick(popup->findChild<QLineEdit*>(u"picker.search"_s), Qt::Key_Return);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        settle();
    }
};

TEST_F(MachineEdits, ACountIsAMachineWhoseLayoutIsWorkedOut)
{
    open();
    EXPECT_EQ(count(0), u"1"_s);
    typeCount(0, u"4"_s);
    ASSERT_EQ(hardware().devices.size(), 1U);
    EXPECT_EQ(hardware().devices.front().count, 4);
    EXPECT_EQ(session().state().estimate->gpus, 4);
    auto* ranks = find<NumberEdit>(u"hardware.tensor_parallel"_s);
    EXPECT_EQ(ranks->text(), QString());
    EXPECT_EQ(ranks->placeholderText(), u"4"_s);
    type(u"hardware.tensor_parallel"_s, u"2"_s);
    EXPECT_EQ(session().state().estimate->scenario.hardware.tensor_parallel, 2);
    type(u"hardware.tensor_parallel"_s, u""_s);
    EXPECT_FALSE(session().state().stale);
    EXPECT_EQ(session().state().estimate->scenario.hardware.tensor_parallel, 4);
}

TEST_F(MachineEdits, TheCountOfALayoutIsShownAndGivesWayToACountOfOnesOwn)
{
    open();
    type(u"hardware.tensor_parallel"_s, u"8"_s);
    EXPECT_EQ(count(0), u"8"_s);
    EXPECT_TRUE(hardware().devices.empty());
    take(u"hardware.accelerator"_s, u"h200 sxm"_s); // another kind, the same layout
    EXPECT_TRUE(hardware().devices.empty());
    EXPECT_EQ(hardware().tensor_parallel, 8);
    typeCount(0, u"2"_s);
    EXPECT_EQ(session().state().estimate->scenario.hardware.tensor_parallel, 2);
    EXPECT_EQ(session().state().estimate->gpus, 2);
}

TEST_F(MachineEdits, KindsAreAddedAndRemoved)
{
    open();
    session().setField(u"inference.engine"_s, u"llama.cpp"_s);
    take(u"hardware.accelerator"_s, u"rtx 3090 24"_s);
    take(u"hardware.devices.more"_s, u"rtx 3060 12"_s);
    ASSERT_EQ(hardware().devices.size(), 2U);
    EXPECT_EQ(hardware().devices.back().accelerator, "rtx_3060_12");
    typeCount(1, u"3"_s);
    EXPECT_EQ(hardware().devices.back().count, 3);
    EXPECT_EQ(session().state().estimate->gpus, 4);
    // Every part is reached by Tab, in the order of the eye.
    QList<QWidget*> order = form().focusOrder();
    QList<QWidget*> own = machine().focusOrder();
    const qsizetype at = order.indexOf(own.first());
    ASSERT_GE(at, 0);
    EXPECT_EQ(order.mid(at, own.size()), own);

    auto* remove = find<QAbstractButton>(u"hardware.devices.0.remove"_s);
    remove->setFocus();
    QTest::keyClick(remove, Qt::Key_Space);
    settle();
    ASSERT_EQ(hardware().devices.size(), 1U);
    EXPECT_EQ(hardware().devices.front().accelerator, "rtx_3060_12");
    EXPECT_EQ(hardware().devices.front().count, 3);
    EXPECT_TRUE(machine().isAncestorOf(window->focusWidget()));
    EXPECT_EQ(machine().focusOrder().size(), 5); // one row, and the link
}

TEST_F(MachineEdits, WhatOthersHaveTakenIsNotCountedOn)
{
    open();
    typeInto(u"hardware.devices.0.memory_in_use_gib"_s, u"9.5"_s);
    EXPECT_EQ(hardware().devices.front().memory_in_use_gib, 9.5);
    const Fit& fit = session().state().estimate->fit;
    EXPECT_LE(fit.usable.count, fit.capacity.count - (19LL << 29));
    typeInto(u"hardware.devices.0.memory_in_use_gib"_s, u"500"_s);
    EXPECT_TRUE(session().state().stale);
    EXPECT_FALSE(noteOf(u"hardware.accelerator"_s).isEmpty());
    typeInto(u"hardware.devices.0.memory_in_use_gib"_s, u"many"_s);
    EXPECT_TRUE(session().state().stale);
    typeInto(u"hardware.devices.0.memory_in_use_gib"_s, u""_s);
    EXPECT_FALSE(session().state().stale);
    EXPECT_FALSE(hardware().devices.front().memory_in_use_gib);
}

TEST_F(MachineEdits, ASystemFillsCountAndKind)
{
    open();
    take(u"hardware.accelerator"_s, u"DGX/HGX H200"_s);
    ASSERT_EQ(hardware().devices.size(), 1U);
    EXPECT_EQ(hardware().devices.front().accelerator, "h200_sxm_141");
    EXPECT_EQ(count(0), u"8"_s);
    EXPECT_EQ(session().state().estimate->gpus, 8);
}

TEST_F(MachineEdits, WhatCannotBeUsedStaysWithItsReason)
{
    open();
    for (const QString& typed : {u"0"_s, u"x"_s, u"-3"_s, u"5000"_s}) {
        typeCount(0, typed);
        EXPECT_TRUE(session().state().stale) << typed.toStdString();
        EXPECT_EQ(count(0), typed);
        EXPECT_FALSE(noteOf(u"hardware.accelerator"_s).isEmpty()) << typed.toStdString();
    }
    typeCount(0, u"2"_s);
    EXPECT_FALSE(session().state().stale);
    EXPECT_TRUE(noteOf(u"hardware.accelerator"_s).isEmpty());
    EXPECT_EQ(hardware().devices.front().count, 2);
}

TEST_F(MachineEdits, FiguresOfOnesOwnAreOfOneKind)
{
    open();
    session().setField(u"hardware.accelerator"_s, u"custom"_s);
    settle();
    EXPECT_FALSE(find(u"hardware.devices.0.count"_s)->isEnabled());
    EXPECT_FALSE(find(u"hardware.devices.more"_s)->isEnabled());
    EXPECT_TRUE(find(u"hardware.custom.memory"_s)->isVisible());
}

} // namespace

} // namespace weighbridge::test
