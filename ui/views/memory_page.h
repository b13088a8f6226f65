#pragma once

#include "ui/views/view_state.h"

#include <QScrollArea>

class QLabel;

namespace weighbridge {

class FitCards;
class MemoryTable;
class ModelPanel;

/// The first tab: the table of terms, where it fits, and the derivations, on one scrolling page.
class MemoryPage : public QScrollArea
{
    Q_OBJECT

public:
    explicit MemoryPage(QWidget* parent = nullptr);

    void display(const ViewState& state);
    MemoryTable& table() { return *table_; }

Q_SIGNALS:
    void acceleratorChosen(const QString& id);
    void pinToggled(const QString& id);

protected:
    void changeEvent(QEvent* event) override;

private:
    void style();
    void inkTitle();

    MemoryTable* table_ = nullptr;
    QLabel* fitsTitle_ = nullptr;
    FitCards* cards_ = nullptr;
    ModelPanel* panel_ = nullptr; ///< made last
    bool stale_ = false;
};

} // namespace weighbridge
