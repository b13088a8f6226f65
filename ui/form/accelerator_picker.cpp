#include "ui/form/accelerator_picker.h"

#include "core/hardware/accelerator.h"
#include "core/hardware/system.h"
#include "ui/session/text.h"

#include <QMap>
#include <QStandardItemModel>

#include <array>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct Segment
{
    const char* id;
    const char* name;
};

constexpr std::array segments{
    Segment{"datacenter", QT_TRANSLATE_NOOP("AcceleratorPicker", "data centre")},
    Segment{"workstation", QT_TRANSLATE_NOOP("AcceleratorPicker", "workstation")},
    Segment{"consumer", QT_TRANSLATE_NOOP("AcceleratorPicker", "consumer")},
    Segment{"laptop", QT_TRANSLATE_NOOP("AcceleratorPicker", "laptop")},
    Segment{"desktop-unified", QT_TRANSLATE_NOOP("AcceleratorPicker", "unified memory")},
    Segment{"edge", QT_TRANSLATE_NOOP("AcceleratorPicker", "edge")},
    Segment{"cloud-asic", QT_TRANSLATE_NOOP("AcceleratorPicker", "cloud")},
};

QStandardItem* makeHeading(const QWidget& widget, const QString& text)
{
    QStandardItem* heading = pickerCell(text);
    heading->setSelectable(false);
    QFont bold = widget.font();
    bold.setWeight(QFont::DemiBold);
    heading->setFont(bold);
    heading->setForeground(widget.palette().placeholderText());
    return heading;
}

} // namespace

AcceleratorPicker::AcceleratorPicker(QWidget* parent) : Picker(parent) {}

QString AcceleratorPicker::searchHint() const
{
    return tr("Search GPUs by name, vendor or kind");
}

QString AcceleratorPicker::nothingFound(const QString& words) const
{
    return tr("No GPU is called “%1”. Choose Custom at the head of the whole list and enter its memory.").arg(words);
}

QAbstractItemModel* AcceleratorPicker::makeModel(QObject* parent)
{
    constexpr auto right = Qt::AlignRight | Qt::AlignVCenter;
    auto* model = new QStandardItemModel(0, 3, parent);
    model->setHorizontalHeaderLabels({tr("GPU"), tr("Memory"), tr("Bandwidth")});
    model->horizontalHeaderItem(1)->setTextAlignment(right);
    model->horizontalHeaderItem(2)->setTextAlignment(right);

    const std::vector<Accelerator> all = Catalogue().all();
    QStringList vendors;
    for (const Accelerator& accelerator : all)
        if (const QString vendor = toQt(accelerator.vendor); !vendors.contains(vendor))
            vendors.append(vendor);

    if (customOffered_) {
        auto* custom = pickerCell(tr("Custom: figures of your own"));
        custom->setData(u"custom"_s, valueRole);
        model->appendRow({custom, pickerCell({}), pickerCell({})});
    }
    for (const QString& vendor : vendors) {
        for (const Segment& segment : segments) {
            QStandardItem* heading = nullptr;
            for (const Accelerator& accelerator : all) {
                if (toQt(accelerator.vendor) != vendor || accelerator.segment != segment.id)
                    continue;
                if (heading == nullptr) {
                    heading = makeHeading(*this, vendor + u" · "_s + tr(segment.name));
                    model->appendRow(heading);
                }
                auto* name = pickerCell(toQt(accelerator.card_name()));
                name->setToolTip(toQt(accelerator.name));
                name->setData(toQt(accelerator.id), valueRole);
                const QString words =
                    vendor + u' ' + tr(segment.name) + u' ' + toQt(accelerator.id) + u' ' + toQt(accelerator.name);
                name->setData(words, searchRole);
                const QString bandwidth = accelerator.bandwidth_gbs > 0
                                              ? toQt(traffic_text(accelerator.bandwidth_gbs * 1e9)) + "/s"_L1
                                              : tr("unknown");
                heading->appendRow({name, pickerCell(toQt(in_unit(accelerator.capacity, unit_, 1)), right),
                                    pickerCell(bandwidth, right)});
            }
        }
    }
    addSystems(*model);
    return model;
}

void AcceleratorPicker::addSystems(QStandardItemModel& model) const
{
    QStandardItem* heading = makeHeading(*this, tr("Systems, with all their GPUs"));
    for (const System& system : bundled_systems()) {
        const auto accelerator = Catalogue().find(system.accelerator);
        if (!accelerator || system.packages < 1)
            continue;
        auto* name = pickerCell(toQt(system.name));
        name->setToolTip(tr("%1 × %2").arg(system.packages).arg(toQt(accelerator->card_name())));
        name->setData(toQt(system.id), valueRole);
        name->setData(QString(toQt(system.kind) + u' ' + toQt(system.id) + u' ' + name->toolTip()), searchRole);
        heading->appendRow(
            {name,
             pickerCell(tr("%1 × %2").arg(system.packages).arg(toQt(in_unit(accelerator->capacity, unit_, 1))),
                        Qt::AlignRight | Qt::AlignVCenter),
             pickerCell({})});
    }
    model.appendRow(heading);
}

} // namespace weighbridge
