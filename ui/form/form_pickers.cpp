// The three rows of the form that are more than an editor: model, Hugging Face ID, GPU.

#include "ui/form/accelerator_picker.h"
#include "ui/form/form.h"
#include "ui/form/hub_row.h"
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

FieldEditor Form::makeAcceleratorPicker(const Row& row, QWidget* parent)
{
    auto* picker = new AcceleratorPicker(parent);
    nameEditor(row.field, picker);
    const FormField* field = &row.field;
    connect(picker, &Picker::chosen, this, [this, field](const QString& id) { edit(*field, id); });
    FieldEditor editor;
    editor.widget = editor.focus = picker;
    editor.show = [this, picker, label = row.field.label](const QString&) {
        const Accelerator& accelerator = session_.accelerator();
        picker->setUnit(session_.state().unit);
        picker->showChoice(toQt(accelerator.id), toQt(accelerator.card_name()), {});
        picker->setAccessibleName(label + u": "_s + toQt(accelerator.name));
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
