#pragma once

#include "core/quantity/display.h"
#include "ui/form/picker.h"

namespace weighbridge {

/// The catalogue by vendor and kind, and "Custom". Values are ids.
class AcceleratorPicker : public Picker
{
    Q_OBJECT

public:
    explicit AcceleratorPicker(QWidget* parent = nullptr);

    void setUnit(ByteUnit unit) { unit_ = unit; }

protected:
    QAbstractItemModel* makeModel(QObject* parent) override;
    QString searchHint() const override;
    QString nothingFound(const QString& words) const override;

private:
    ByteUnit unit_ = ByteUnit::gib;
};

} // namespace weighbridge
