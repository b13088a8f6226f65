#include "ui/form/field_editor.h"

#include "ui/form/choice_edit.h"
#include "ui/form/line_edit.h"
#include "ui/form/number_edit.h"

#include <QCheckBox>
#include <QSignalBlocker>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

void connectLine(LineEdit* edit, const FieldEvents& events)
{
    QObject::connect(edit, &LineEdit::edited, edit, events.edited);
    QObject::connect(edit, &LineEdit::left, edit, events.left);
}

FieldEditor lineEditor(LineEdit* edit)
{
    FieldEditor editor;
    editor.widget = editor.focus = edit;
    editor.show = [edit](const QString& text) { edit->showText(text); };
    editor.showSuffix = [edit](const QString& suffix) { edit->setSuffix(suffix); };
    editor.showPlaceholder = [edit](const QString& text) { edit->setPlaceholderText(text); };
    return editor;
}

FieldEditor makeNumber(const FormField& field, const FieldEvents& events, QWidget* parent)
{
    auto* edit = new NumberEdit(field.kind, field.step, parent);
    edit->setCountUnit(field.countUnit);
    connectLine(edit, events);
    FieldEditor editor = lineEditor(edit);
    editor.show = [edit](const QString& text) { edit->showValue(text); };
    return editor;
}

FieldEditor makeText(const FormField& field, const FieldEvents& events, QWidget* parent)
{
    auto* edit = new LineEdit(parent);
    connectLine(edit, events);
    if (field.kind == FieldKind::secret) {
        edit->setEchoMode(QLineEdit::Password);
        edit->setInputMethodHints(Qt::ImhHiddenText | Qt::ImhSensitiveData | Qt::ImhNoPredictiveText);
    }
    return lineEditor(edit);
}

FieldEditor makeChoice(const FormField& field, const FieldEvents& events, QWidget* parent)
{
    auto* edit = new ChoiceEdit(field.choices, field.choice, field.kind == FieldKind::format, parent);
    QObject::connect(edit, &ChoiceEdit::edited, edit, events.edited);
    QObject::connect(edit, &ChoiceEdit::left, edit, events.left);
    FieldEditor editor;
    editor.widget = editor.focus = edit;
    editor.show = [edit](const QString& text) { edit->showValue(text); };
    editor.showPlaceholder = [edit](const QString& text) { edit->showDefault(text); };
    return editor;
}

FieldEditor makeFlag(const FormField& field, const FieldEvents& events, QWidget* parent)
{
    auto* box = new QCheckBox(field.unit, parent);
    QObject::connect(box, &QCheckBox::toggled, box,
                     [edited = events.edited](bool on) { edited(on ? u"true"_s : u"false"_s); });
    FieldEditor editor;
    editor.widget = editor.focus = box;
    editor.show = [box](const QString& text) {
        const QSignalBlocker silence(box);
        box->setChecked(text == "true"_L1);
    };
    return editor;
}

} // namespace

void nameEditor(const FormField& field, QWidget* widget)
{
    widget->setObjectName(field.key);
    widget->setAccessibleName(
        field.unit.isEmpty() || field.kind == FieldKind::flag ? field.label : field.label + ", "_L1 + field.unit);
    widget->setToolTip(field.help);
}

FieldEditor makeEditor(const FormField& field, const FieldEvents& events, QWidget* parent)
{
    FieldEditor editor;
    switch (field.kind) {
    case FieldKind::count:
    case FieldKind::real:
        editor = makeNumber(field, events, parent);
        break;
    case FieldKind::choice:
    case FieldKind::format:
        editor = makeChoice(field, events, parent);
        break;
    case FieldKind::flag:
        editor = makeFlag(field, events, parent);
        break;
    case FieldKind::text:
    case FieldKind::secret:
    case FieldKind::model:
    case FieldKind::hub:
    case FieldKind::accelerator:
        editor = makeText(field, events, parent);
        break;
    }
    nameEditor(field, editor.focus);
    if (editor.showSuffix && !field.unit.isEmpty())
        editor.showSuffix(field.unit);
    return editor;
}

} // namespace weighbridge
