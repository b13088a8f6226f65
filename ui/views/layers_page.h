#pragma once

#include "ui/session/view_state.h"

#include <QScrollArea>

class QLabel;

namespace weighbridge {

class TableSheet;

/// The third tab: the network from input to output, as a person scrolls through it.
class LayersPage : public QScrollArea
{
    Q_OBJECT

public:
    explicit LayersPage(QWidget* parent = nullptr);

    void display(const ViewState& state);

protected:
    void changeEvent(QEvent* event) override;

private:
    void style();
    void describe(const Estimate& estimate);

    TableSheet* table_ = nullptr;
    QLabel* note_ = nullptr;
    bool stale_ = false;
};

} // namespace weighbridge
