#pragma once

#include "core/quantity/display.h"
#include "ui/form/picker.h"

class QStandardItemModel;

namespace weighbridge {

/// The catalogue by vendor and kind, "Custom", and the systems made of its accelerators. Values are ids.
class AcceleratorPicker : public Picker
{
    Q_OBJECT

public:
    explicit AcceleratorPicker(QWidget* parent = nullptr);

    void setUnit(ByteUnit unit) { unit_ = unit; }
    /// Whether figures of one's own are among the choices.
    void setCustomOffered(bool offered) { customOffered_ = offered; }

protected:
    QAbstractItemModel* makeModel(QObject* parent) override;
    QString searchHint() const override;
    QString nothingFound(const QString& words) const override;

private:
    void addSystems(QStandardItemModel& model) const;

    bool customOffered_ = true;
    ByteUnit unit_ = ByteUnit::gib;
};

} // namespace weighbridge
