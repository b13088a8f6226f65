// Rules that hold for every widget of the window, whatever is added later.

#include "tests/ui/window/window_fixture.h"

#include "ui/form/field_note.h"
#include "ui/form/form_field.h"
#include "ui/form/picker.h"
#include "ui/theme/group_heading.h"
#include "ui/widgets/elided_label.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QScrollArea>
#include <QScrollBar>
#include <QSet>

namespace weighbridge::test {

namespace {

class Rules : public WindowTest
{
protected:
    void unfoldAll()
    {
        for (GroupHeading* heading : window->findChildren<GroupHeading*>())
            if (heading->isCheckable())
                heading->setChecked(true);
        session().setField(u"hardware.accelerator"_s, u"custom"_s);
        settle();
    }

    /// The column of the scrolled form that a widget's right edge may not pass.
    void expectInside(const QWidget& widget, const QWidget& whole, const std::string& where) const
    {
        const QRect place(widget.mapTo(&whole, QPoint(0, 0)), widget.size());
        EXPECT_GE(place.left(), 0) << where;
        EXPECT_LE(place.right(), whole.width()) << where;
    }
};

TEST_F(Rules, EveryEditorHasALabelANameAndHelp)
{
    open();
    for (const QString& task : {u"fine_tune"_s, u"train"_s, u"inference"_s}) {
        session().setField(u"task"_s, task); // rows of a task are made when it is first chosen
        settle();
        unfoldAll();
    }
    QSet<const QWidget*> buddies;
    for (const QLabel* label : window->findChildren<QLabel*>())
        if (label->buddy() != nullptr)
            buddies.insert(label->buddy());
    for (const FormField& field : formFields()) {
        const auto* editor = find(field.key);
        ASSERT_NE(editor, nullptr);
        EXPECT_TRUE(buddies.contains(editor)) << field.key.toStdString();
        EXPECT_FALSE(editor->accessibleName().isEmpty()) << field.key.toStdString();
        EXPECT_FALSE(editor->toolTip().isEmpty()) << field.key.toStdString();
    }
    for (const QAbstractButton* button : window->findChildren<QAbstractButton*>())
        if (button->isVisible()) {
            EXPECT_FALSE(button->text().isEmpty() && button->accessibleName().isEmpty())
                << button->objectName().toStdString();
        }
}

TEST_F(Rules, TabReachesEveryEditorInTheOrderOfTheForm)
{
    open();
    unfoldAll();
    QList<QWidget*> expected;
    for (QWidget* widget : form().focusOrder())
        if (widget->isVisible() && widget->isEnabled())
            expected.append(widget);
    ASSERT_GT(expected.size(), 30);
    expected.first()->setFocus(Qt::TabFocusReason);
    for (QWidget* next : expected) {
        QWidget* focus = QApplication::focusWidget();
        ASSERT_NE(focus, nullptr);
        // An editable combo box hands its focus to its line edit.
        EXPECT_TRUE(focus == next || focus->parentWidget() == next)
            << focus->objectName().toStdString() << " in place of " << next->objectName().toStdString();
        press(Qt::Key_Tab);
    }
}

TEST_F(Rules, TheKeyboardReachesThePartsOutsideTheForm)
{
    open();
    QSet<QString> reached;
    find(u"task"_s)->setFocus(Qt::TabFocusReason);
    for (int i = 0; i < 80; ++i) {
        press(Qt::Key_Tab);
        if (const QWidget* focus = QApplication::focusWidget())
            reached.insert(focus->objectName());
    }
    for (const QString& name : {u"bar"_s, u"tabs"_s, u"hub.fetch"_s, u"model"_s, u"task"_s})
        EXPECT_TRUE(reached.contains(name)) << name.toStdString();
}

class FontSizes : public Rules, public ::testing::WithParamInterface<int>
{
};

TEST_F(Rules, APageThatFitsHasNoScrollBar)
{
    open();
    auto* page = find<QScrollArea>(u"memoryPage"_s);
    const int needed = page->widget()->heightForWidth(page->width());
    window->resize(window->width(), window->height() + needed + 2 - page->height());
    settle();
    ASSERT_GE(page->viewport()->height(), needed);
    EXPECT_EQ(page->verticalScrollBar()->maximum(), 0);
    window->resize(window->width(), window->height() - 10);
    settle();
    EXPECT_GT(page->verticalScrollBar()->maximum(), 0) << "and one that does not has one";
}

TEST_P(FontSizes, NothingIsClipped)
{
    open({1024, 700});
    window->setFontStep(GetParam());
    type(u"inference.sequence_length"_s, u"many"_s);
    unfoldAll();
    settle();
    for (const QLabel* label : window->findChildren<QLabel*>()) {
        if (!label->isVisible() || label->text().isEmpty() || qobject_cast<const ElidedLabel*>(label) != nullptr)
            continue;
        const std::string where = label->objectName().toStdString() + " \"" + label->text().toStdString() + '"';
        if (label->wordWrap()) {
            EXPECT_GE(label->height(), label->heightForWidth(label->width())) << where;
        } else
            EXPECT_GE(label->width(), label->minimumSizeHint().width()) << where;
        EXPECT_GE(label->height() + 1, label->fontMetrics().height()) << where;
    }
    for (const QLineEdit* edit : form().findChildren<QLineEdit*>()) {
        if (!edit->isVisible())
            continue;
        const std::string where = edit->objectName().toStdString();
        EXPECT_GE(edit->height(), edit->fontMetrics().height()) << where;
        expectInside(*edit, form(), where);
        const auto* line = qobject_cast<const LineEdit*>(edit);
        const int room = edit->width() - edit->textMargins().left() - edit->textMargins().right() - 8;
        if (line != nullptr && qobject_cast<const QComboBox*>(edit->parentWidget()) == nullptr) {
            EXPECT_GE(room, edit->fontMetrics().horizontalAdvance(edit->text()))
                << where << ' ' << edit->text().toStdString();
        }
    }
    for (const QAbstractButton* button : window->findChildren<QAbstractButton*>()) {
        if (!button->isVisible() || qobject_cast<const GroupHeading*>(button) != nullptr)
            continue;
        const std::string where = button->objectName().toStdString() + " \"" + button->text().toStdString() + '"';
        EXPECT_GE(button->height(), button->fontMetrics().height()) << where;
        if (qobject_cast<const Picker*>(button) == nullptr && button->objectName() != u"issues"_s) {
            EXPECT_GE(button->width(), button->fontMetrics().horizontalAdvance(button->text())) << where;
        }
    }
    for (const FieldNote* note : form().findChildren<FieldNote*>()) {
        EXPECT_NEAR(note->font().pointSizeF(), 0.86 * form().font().pointSizeF(), 0.01)
            << note->objectName().toStdString();
    }
    const auto* area = find<QScrollArea>(u"form.area"_s);
    EXPECT_LE(form().width(), area->viewport()->width());
    EXPECT_LE(window->width(), 1024) << "the window must not outgrow the screen";
}

INSTANTIATE_TEST_SUITE_P(Percent, FontSizes, ::testing::Values(0, 5, 10));

} // namespace

} // namespace weighbridge::test
