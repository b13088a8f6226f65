#pragma once

#include "ui/form/picker.h"
#include "ui/settings/settings.h"

#include <functional>

namespace weighbridge {

/// The bundled models, those fetched or opened before, and "Custom". Values are "preset:NAME", "recent:INDEX" and
/// "custom".
class ModelPicker : public Picker
{
    Q_OBJECT

public:
    explicit ModelPicker(QWidget* parent = nullptr);

    /// Where the recent models come from; asked each time the list opens.
    void setRecentModels(std::function<QList<RecentModel>()> recentModels) { recentModels_ = std::move(recentModels); }

protected:
    QAbstractItemModel* makeModel(QObject* parent) override;
    QString searchHint() const override;
    QString nothingFound(const QString& words) const override;

private:
    std::function<QList<RecentModel>()> recentModels_;
};

} // namespace weighbridge
