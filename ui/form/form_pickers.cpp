// The three rows of the form that are more than an editor: model, Hugging Face ID, GPU.

#include "ui/form/form.h"
#include "ui/form/hub_row.h"
#include "ui/form/machine_edit.h"
#include "ui/form/model_picker.h"
#include "ui/models/model_source.h"
#include "ui/session/text.h"

namespace weighbridge {

using namespace Qt::StringLiterals;

QString Form::modelDetail() const
{
    const ModelReference& reference = session_.loadedModel().reference;
    if (reference.kind == ModelReference::Kind::preset)
        return tr("preset");
    if (session_.model()->architecture.family == generic_family)
        return tr("by hand");
    return QString();
}

FieldEditor Form::makeModelPicker(const Row& row, QWidget* parent)
{
    auto* picker = new ModelPicker(parent);
    nameEditor(row.field, picker);
    picker->setRecentModels([this] { return recentModels_ ? recentModels_() : QList<RecentModel>(); });
    connect(picker, &Picker::chosen, this, &Form::modelChosen);
    FieldEditor editor;
    editor.widget = editor.focus = picker;
    editor.show = [this, picker, label = row.field.label](const QString&) {
        const ModelReference& reference = session_.loadedModel().reference;
        const bool preset = reference.kind == ModelReference::Kind::preset;
        const QString name = toQt(session_.model()->name);
        picker->showChoice(preset ? u"preset:"_s + toQt(reference.text) : QString(), name, modelDetail());
        picker->setAccessibleName(label + u": "_s + name);
    };
    return editor;
}

FieldEditor Form::makeMachineEdit(const Row& row, QWidget* parent)
{
    auto* machine = new MachineEdit(parent);
    machine->first()->setToolTip(row.field.help);
    const FormField* field = &row.field;
    connect(machine, &MachineEdit::edited, this, [this, field](const QString& text) { edit(*field, text); });
    connect(machine, &MachineEdit::left, this, [this] { session_.endEdit(); });
    connect(machine, &MachineEdit::rowsChanged, this, &Form::orderTabs);
    FieldEditor editor;
    editor.widget = machine;
    editor.focus = machine->first();
    editor.parts = [machine] { return machine->focusOrder(); };
    editor.show = [this, machine, field](const QString&) {
        if (!session_.isInvalid(field->key)) // what is typed stays as it is until it can be used
            machine->showMachine(session_.machine(), !session_.scenario().hardware.devices.empty(),
                                 session_.state().unit);
    };
    return editor;
}

FieldEditor Form::makeHubRow(const Row& row, QWidget* parent)
{
    auto* hub = new HubRow(source_, parent);
    nameEditor(row.field, hub->edit());
    connect(hub, &HubRow::fetchWanted, this, &Form::fetch);
    connect(hub, &HubRow::tokenWanted, this, [this] { reveal(u"hub.token"_s); });
    FieldEditor editor;
    editor.widget = hub;
    editor.focus = hub->edit();
    return editor;
}

void Form::fetch(const QString& text)
{
    const Row* row = findRow(u"hub.revision"_s);
    const auto* revision = row == nullptr ? nullptr : qobject_cast<const LineEdit*>(row->editor.widget);
    source_.fetch(text, revision == nullptr ? QString() : revision->text(), token());
}

} // namespace weighbridge
