#include "ui/form/model_picker.h"

#include "core/quantity/display.h"
#include "core/sources/presets.h"
#include "ui/session/text.h"

#include <QStandardItemModel>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QList<QStandardItem*> row(const QString& value, const QString& name, const QString& family, qint64 parameters,
                          qint64 context)
{
    constexpr auto right = Qt::AlignRight | Qt::AlignVCenter;
    QList<QStandardItem*> cells{pickerCell(name), pickerCell(family),
                                pickerCell(parameters > 0 ? toQt(parameters_text(parameters)) : QString(), right),
                                pickerCell(context > 0 ? toQt(grouped(context)) : QString(), right)};
    cells.first()->setData(value, Picker::valueRole);
    return cells;
}

QList<QStandardItem*> presetRow(std::string_view name)
{
    const QString text = toQt(name);
    const auto model = preset_model(name);
    if (!model)
        return row(u"preset:"_s + text, text, {}, 0, 0);
    const Architecture& architecture = (*model)->architecture;
    return row(u"preset:"_s + text, text, toQt(architecture.family), (*model)->parameters.total,
               architecture.max_position_embeddings);
}

} // namespace

ModelPicker::ModelPicker(QWidget* parent) : Picker(parent) {}

QString ModelPicker::searchHint() const
{
    return tr("Search models by name, family or size");
}

QString ModelPicker::nothingFound(const QString& words) const
{
    return tr("No model here is called “%1”. Type “org/name” or a link into the field Hugging Face and fetch it, "
              "open a file or a folder with File ▸ Open, or choose Custom and enter the sizes.")
        .arg(words);
}

QAbstractItemModel* ModelPicker::makeModel(QObject* parent)
{
    auto* model = new QStandardItemModel(0, 4, parent);
    model->setHorizontalHeaderLabels({tr("Name"), tr("Family"), tr("Parameters"), tr("Context")});
    model->horizontalHeaderItem(2)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    model->horizontalHeaderItem(3)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    model->appendRow(row(u"custom"_s, tr("Custom"), tr("an architecture of your own"), 0, 0));
    if (recentModels_) {
        const QList<RecentModel> recents = recentModels_();
        for (int index = 0; index < recents.size(); ++index) {
            const RecentModel& recent = recents.at(index);
            auto cells = row(u"recent:"_s + QString::number(index), recent.name, recent.family, recent.parameters,
                             recent.context);
            cells.first()->setData(recent.source, searchRole);
            cells.first()->setToolTip(recent.source);
            model->appendRow(cells);
        }
    }
    for (const std::string_view name : preset_names())
        model->appendRow(presetRow(name));
    return model;
}

} // namespace weighbridge
