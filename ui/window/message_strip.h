#pragma once

#include "core/model/model.h"

#include <QTimer>
#include <QWidget>

class QHBoxLayout;

namespace weighbridge {

class FieldNote;

/// A message to the whole window, in place of a modal box: what was saved where, what could not be. What went well is
/// said for some seconds, the rest until it is closed or replaced.
class MessageStrip : public QWidget
{
    Q_OBJECT

public:
    explicit MessageStrip(QWidget* parent = nullptr);

    void say(Severity severity, const QString& message);

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    FieldNote* note_;
    QTimer ends_;
};

} // namespace weighbridge
