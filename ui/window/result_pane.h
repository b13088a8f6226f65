#pragma once

#include "ui/session/view_state.h"
#include "ui/views/wanted_file.h"

#include <QWidget>

#include <optional>
#include <vector>

class QStackedWidget;
class QTabBar;

namespace weighbridge {

class Page;
class FigureTiles;
class StackedBar;
class VerdictHeader;
class LeversLine;
struct PageEntry;
struct Table;

/// The right of the window: verdict, bar and the headline figures always in sight, the pages below. Pages but the first
/// are made when they are first opened.
class ResultPane : public QWidget
{
    Q_OBJECT

public:
    explicit ResultPane(QWidget* parent = nullptr);

    void display(const ViewState& state);
    /// Does nothing where the page has nothing to say of what is estimated.
    void setPage(int page);
    int pageCount() const;
    bool isOffered(int page) const;
    /// Keeps what is shown for the page that compares.
    void keep();
    /// What the page in sight gives to the clipboard and to files, where that is its own.
    std::vector<Table> tables() const;
    std::optional<WantedFile> file(const QString& ending) const;

Q_SIGNALS:
    void acceleratorChosen(const QString& id);
    void pinToggled(const QString& id);
    void exportWanted(const weighbridge::WantedFile& wanted);
    void scenarioWanted(const weighbridge::Scenario& scenario, const QString& what);
    /// Which pages have something to say has changed.
    void offeredChanged();

protected:
    void changeEvent(QEvent* event) override;

private:
    void openPage(int page);
    void goTo(const QString& id);
    Page* made(int page);
    Page* current() const;
    void offer();
    void setMargins();

    ViewState state_;
    VerdictHeader* verdict_;
    StackedBar* bar_;
    FigureTiles* tiles_;
    LeversLine* levers_;
    QTabBar* tabs_;
    QStackedWidget* pages_;
    std::vector<Page*> made_; ///< null: not looked at yet
};

} // namespace weighbridge
