#pragma once

#include "core/quantity/display.h"
#include "core/scenario/device_group.h"

#include <QList>
#include <QString>
#include <QWidget>

#include <cstddef>
#include <vector>

class QToolButton;
class QVBoxLayout;

namespace weighbridge {

class AcceleratorPicker;
class NumberEdit;

/// The GPUs of a machine: a row of count, kind and memory in use for each group of devices, and a link that adds one. A
/// system of the catalogue fills count and kind. Groups keep what the rows don't show.
class MachineEdit : public QWidget
{
    Q_OBJECT

public:
    explicit MachineEdit(QWidget* parent = nullptr);

    /// `listed`: every group has a count of its own; else there is one, and its count is what the layout takes.
    void showMachine(const std::vector<DeviceGroup>& groups, bool listed, ByteUnit unit);
    /// The picker of the first kind.
    QWidget* first() const;
    QList<QWidget*> focusOrder() const;

    /// Wide enough for a card's whole name beside its count.
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// As hardware.accelerator takes it: an id, "custom", or a list of devices.
    void edited(const QString& text);
    void left();
    /// Rows came or went: the order of the focus is another.
    void rowsChanged();

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Row
    {
        QWidget* line = nullptr;
        NumberEdit* count = nullptr;
        AcceleratorPicker* kind = nullptr;
        NumberEdit* inUse = nullptr; ///< GiB of each that others have taken
        QToolButton* remove = nullptr;
    };

    void addRow();
    void fitWidths();
    void removeRow();
    void setCount(std::size_t index, const QString& text);
    void setInUse(std::size_t index, const QString& text);
    /// Tells of a figure as it was typed, for the reader to say what is wrong with it.
    void tellAsTyped(std::size_t index, const char* key, const QString& text);
    void choose(std::size_t index, const QString& id);
    void removeGroup(std::size_t index);
    void tell(const std::vector<DeviceGroup>& groups);

    QVBoxLayout* column_;
    QWidget* below_;
    AcceleratorPicker* more_;
    std::vector<Row> rows_;
    std::vector<DeviceGroup> groups_;
    bool listed_ = false;
};

} // namespace weighbridge
