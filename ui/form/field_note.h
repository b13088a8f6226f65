#pragma once

#include "core/model/model.h"

#include <QLabel>

namespace weighbridge {

/// What is wrong or odd about a field, in words under it: a sign and a colour for how grave it is.
class FieldNote : public QLabel
{
    Q_OBJECT

public:
    explicit FieldNote(QWidget* parent = nullptr);

    void say(Severity severity, const QString& message);
    Severity severity() const { return severity_; }
    /// Hints need no sign.
    void setSignShown(bool shown);
    /// Takes size and inks from the parent's; to call when those change.
    void dress();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    Severity severity_ = Severity::note;
    bool signShown_ = true;
    bool dressing_ = false;
};

} // namespace weighbridge
