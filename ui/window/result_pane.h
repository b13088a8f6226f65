#pragma once

#include "ui/session/view_state.h"

#include <QWidget>

class QStackedWidget;
class QTabBar;

namespace weighbridge {

class CapacityPage;
class LayersPage;
class MemoryPage;
class RooflineView;
class StackedBar;
class VerdictHeader;
struct CapacityExport;

/// The right of the window: verdict and bar always in sight, the pages below. Pages but the first are made when they
/// are first opened.
class ResultPane : public QWidget
{
    Q_OBJECT

public:
    explicit ResultPane(QWidget* parent = nullptr);

    void display(const ViewState& state);
    void setPage(int page);
    int pageCount() const;
    /// Whether the table of layers is in sight.
    bool showsLayers() const;

Q_SIGNALS:
    void acceleratorChosen(const QString& id);
    void pinToggled(const QString& id);
    void exportWanted(const weighbridge::CapacityExport& wanted);

protected:
    void changeEvent(QEvent* event) override;

private:
    void openPage(int page);
    void makeRoofline();
    void makeCapacity();
    QWidget* widgetOf(int page) const;
    void displayPage(int page);
    void setMargins();

    ViewState state_;
    VerdictHeader* verdict_;
    StackedBar* bar_;
    QTabBar* tabs_;
    QStackedWidget* pages_;
    MemoryPage* memory_;
    RooflineView* roofline_ = nullptr;
    QWidget* rooflineArea_ = nullptr;
    LayersPage* layers_ = nullptr;
    CapacityPage* capacity_ = nullptr;
};

} // namespace weighbridge
