#include "ui/form/machine_edit.h"

#include "core/fields/devices_json.h"
#include "core/fields/number_text.h"
#include "core/hardware/accelerator.h"
#include "core/hardware/system.h"
#include "ui/form/accelerator_picker.h"
#include "ui/form/number_edit.h"
#include "ui/session/text.h"
#include "ui/theme/ink.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStyleOptionFocusRect>
#include <QStylePainter>
#include <QToolButton>
#include <QVBoxLayout>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr int gap = 4;

/// A link that opens the list of GPUs.
class MoreKinds : public AcceleratorPicker
{
public:
    explicit MoreKinds(QWidget* parent) : AcceleratorPicker(parent)
    {
        setText(MachineEdit::tr("Add a kind"));
        setCursor(Qt::PointingHandCursor);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    }

    QSize sizeHint() const override
    {
        const QFontMetrics metrics(smallFont(font()));
        return {metrics.horizontalAdvance(text()) + 4, metrics.height() + 4};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QStylePainter painter(this);
        painter.setFont(smallFont(font()));
        painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::Link));
        painter.drawText(rect().adjusted(2, 0, -2, 0), Qt::AlignLeft | Qt::AlignVCenter, text());
        if (!hasFocus())
            return;
        QStyleOptionFocusRect option;
        option.initFrom(this);
        painter.drawPrimitive(QStyle::PE_FrameFocusRect, option);
    }
};

/// A group of the kind with that id: of a system's devices, all of them.
DeviceGroup groupOf(const std::string& id)
{
    DeviceGroup group;
    group.accelerator = id;
    if (const auto system = Catalogue().find(id) ? std::nullopt : find_system(id)) {
        group.accelerator = system->accelerator;
        group.count = system->packages;
    }
    return group;
}

QString nameOf(const DeviceGroup& group)
{
    if (group.custom)
        return toQt(group.custom->card_name());
    const auto accelerator = Catalogue().find(group.accelerator);
    return accelerator ? toQt(accelerator->card_name()) : toQt(group.accelerator);
}

/// Empty where nothing is said of it.
QString inUseText(const DeviceGroup& group)
{
    if (group.memory_in_use_gib)
        return QString::number(*group.memory_in_use_gib, 'g', 10);
    const auto accelerator = Catalogue().find(group.accelerator);
    if (!group.memory_free_gib || !accelerator)
        return {};
    const double whole = group.memory_gib.value_or(static_cast<double>(accelerator->capacity.count) / bytes_per_gib);
    return QString::number(std::max(0.0, whole - *group.memory_free_gib), 'f', 2);
}

} // namespace

MachineEdit::MachineEdit(QWidget* parent)
    : QWidget(parent), column_(new QVBoxLayout(this)), below_(new QWidget(this)), more_(new MoreKinds(below_))
{
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(gap);
    auto* below = new QHBoxLayout(below_);
    below->setContentsMargins(0, 0, 0, 0);
    below->addWidget(more_);
    below->addStretch(1);
    column_->addWidget(below_);
    more_->setObjectName(u"hardware.devices.more"_s);
    more_->setToolTip(tr("GPUs of another kind in the same machine, in the engine's order"));
    connect(more_, &Picker::chosen, this, [this](const QString& id) {
        std::vector<DeviceGroup> groups = groups_;
        groups.push_back(groupOf(fromQt(id)));
        tell(groups);
    });
    addRow();
}

void MachineEdit::addRow()
{
    const std::size_t index = rows_.size();
    Row row;
    row.line = new QWidget(this);
    auto* line = new QHBoxLayout(row.line);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(gap);
    row.count = new NumberEdit(FieldKind::count, FieldStep::doubling, row.line);
    row.kind = new AcceleratorPicker(row.line);
    row.inUse = new NumberEdit(FieldKind::real, FieldStep::one, row.line);
    row.inUse->setPlaceholderText(u"0"_s);
    row.inUse->setSuffix(tr("GiB used"));
    row.inUse->setToolTip(tr("Memory of each that others have taken, the display included"));
    row.remove = new QToolButton(row.line);
    row.remove->setText(u"×"_s);
    row.remove->setAutoRaise(true);
    row.remove->setToolTip(tr("Remove these GPUs"));
    line->addWidget(row.count);
    line->addWidget(new QLabel(u"×"_s, row.line));
    line->addWidget(row.kind, 1);
    line->addWidget(row.inUse);
    line->addWidget(row.remove);
    const QString name = u"hardware.devices."_s + QString::number(index);
    row.line->setObjectName(name);
    row.count->setObjectName(name + ".count"_L1);
    row.kind->setObjectName(index == 0 ? u"hardware.accelerator"_s : QString(name + ".accelerator"_L1));
    row.inUse->setObjectName(name + ".memory_in_use_gib"_L1);
    row.remove->setObjectName(name + ".remove"_L1);
    connect(row.count, &LineEdit::edited, this, [this, index](const QString& text) { setCount(index, text); });
    connect(row.count, &LineEdit::left, this, &MachineEdit::left);
    connect(row.kind, &Picker::chosen, this, [this, index](const QString& id) { choose(index, id); });
    connect(row.inUse, &LineEdit::edited, this, [this, index](const QString& text) { setInUse(index, text); });
    connect(row.inUse, &LineEdit::left, this, &MachineEdit::left);
    connect(row.remove, &QToolButton::clicked, this, [this, index] { removeGroup(index); });
    column_->insertWidget(static_cast<int>(index), row.line);
    rows_.push_back(row);
    fitWidths();
}

void MachineEdit::removeRow()
{
    QWidget* line = rows_.back().line;
    const bool focused = line->isAncestorOf(focusWidget());
    rows_.pop_back();
    if (focused)
        rows_.back().kind->setFocus(); // not on to the next field, where the next key would change something
    line->hide();
    line->deleteLater(); // it may be the one whose button was pressed
}

void MachineEdit::showMachine(const std::vector<DeviceGroup>& groups, bool listed, ByteUnit unit)
{
    groups_ = groups;
    listed_ = listed;
    const std::size_t before = rows_.size();
    while (rows_.size() < groups.size())
        addRow();
    while (rows_.size() > groups.size() && rows_.size() > 1)
        removeRow();
    for (std::size_t index = 0; index < groups.size(); ++index) {
        const DeviceGroup& group = groups[index];
        const Row& row = rows_[index];
        const QString name = nameOf(group);
        row.count->showValue(QString::number(group.count));
        // Figures of one's own stand below, for one kind; how many there are is then the layout's.
        row.count->setEnabled(listed || !group.custom);
        row.count->setAccessibleName(tr("How many %1").arg(name));
        row.kind->setUnit(unit);
        row.kind->setCustomOffered(groups.size() == 1);
        row.kind->showChoice(toQt(group.accelerator), name, {});
        row.kind->setAccessibleName(tr("GPUs, kind %1: %2").arg(index + 1).arg(name));
        if (groups.size() == 1 && row.remove->hasFocus())
            row.kind->setFocus(); // as in removeRow()
        row.remove->setVisible(groups.size() > 1);
        row.inUse->showValue(inUseText(group));
        row.inUse->setEnabled(listed || !group.custom);
        row.inUse->setAccessibleName(tr("GiB of each %1 in use by others").arg(name));
        row.remove->setAccessibleName(tr("Remove %1").arg(name));
    }
    more_->setUnit(unit);
    more_->setCustomOffered(false);
    more_->setEnabled(groups.size() < most_device_groups && (listed || !groups.front().custom));
    if (rows_.size() != before)
        Q_EMIT rowsChanged();
}

QWidget* MachineEdit::first() const
{
    return rows_.front().kind;
}

QList<QWidget*> MachineEdit::focusOrder() const
{
    QList<QWidget*> order;
    for (const Row& row : rows_)
        order << row.count << row.kind << row.inUse << row.remove;
    order << more_;
    return order;
}

QSize MachineEdit::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 30, QWidget::minimumSizeHint().height()};
}

void MachineEdit::fitWidths()
{
    const int digit = fontMetrics().averageCharWidth();
    const QFontMetrics small(smallFont(font()));
    for (const Row& row : rows_) {
        row.count->setFixedWidth(digit * 6);
        row.inUse->setFixedWidth(digit * 7 + small.horizontalAdvance(row.inUse->suffix()) + 20);
    }
}

void MachineEdit::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        fitWidths();
}

void MachineEdit::setCount(std::size_t index, const QString& text)
{
    std::vector<DeviceGroup> groups = groups_;
    if (const auto count = parse_count(fromQt(text))) {
        groups.at(index).count = *count;
        tell(groups);
        return;
    }
    tellAsTyped(index, "count", text);
}

void MachineEdit::setInUse(std::size_t index, const QString& text)
{
    std::vector<DeviceGroup> groups = groups_;
    DeviceGroup& group = groups.at(index);
    group.memory_free_gib.reset();
    group.memory_in_use_gib.reset();
    if (!text.trimmed().isEmpty()) {
        const auto gib = parse_real(fromQt(text));
        if (!gib)
            return tellAsTyped(index, "memory_in_use_gib", text);
        group.memory_in_use_gib = *gib;
    }
    tell(groups);
}

void MachineEdit::tellAsTyped(std::size_t index, const char* key, const QString& text)
{
    auto list = write_devices(groups_);
    list.at(index)[key] = fromQt(text);
    Q_EMIT edited(toQt(list.dump()));
}

void MachineEdit::choose(std::size_t index, const QString& id)
{
    const std::string kind = fromQt(id);
    if (groups_.size() == 1 && (id == "custom"_L1 || (!listed_ && Catalogue().find(kind)))) {
        Q_EMIT edited(id);
        Q_EMIT left();
        return;
    }
    std::vector<DeviceGroup> groups = groups_;
    const std::int64_t count = groups.at(index).count;
    groups.at(index) = groupOf(kind);
    if (Catalogue().find(kind))
        groups.at(index).count = count;
    tell(groups);
    Q_EMIT left();
}

void MachineEdit::removeGroup(std::size_t index)
{
    std::vector<DeviceGroup> groups = groups_;
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(index));
    tell(groups);
    Q_EMIT left();
}

void MachineEdit::tell(const std::vector<DeviceGroup>& groups)
{
    std::string text = devices_text(groups);
    // One card of one kind is a machine too, whatever the layout was before.
    if (!is_device_list(text))
        text.insert(0, "1x");
    Q_EMIT edited(toQt(text));
}

} // namespace weighbridge
