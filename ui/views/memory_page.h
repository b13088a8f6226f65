#pragma once

#include "ui/views/view_state.h"

#include <QScrollArea>

class QLabel;

namespace weighbridge {

class FigureList;
class FitCards;
class MemoryTable;
class ModelPanel;
class MomentsView;

/// The first tab: the moments of a training step, the table of terms, what the engine would print, where it fits, and
/// the derivations, on one scrolling page.
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
    void showMoments(const ViewState& state);
    void showPrints(const ViewState& state);
    void stylePrints();

    MemoryTable* table_ = nullptr;
    MomentsView* moments_ = nullptr; ///< there while training is estimated
    FigureList* prints_ = nullptr;   ///< made when an engine first prints something
    QLabel* fitsTitle_ = nullptr;
    FitCards* cards_ = nullptr;
    ModelPanel* panel_ = nullptr; ///< made last
    bool stale_ = false;
};

} // namespace weighbridge
