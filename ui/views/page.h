#pragma once

#include "core/report/table.h"
#include "ui/session/view_state.h"
#include "ui/views/wanted_file.h"

#include <QScrollArea>

#include <optional>
#include <span>
#include <vector>

namespace weighbridge {

/// A page below the verdict: reads the one estimate, scrolls, and says what it wants changed or written. What its
/// answers take long for it asks only while it is in sight.
class Page : public QScrollArea
{
    Q_OBJECT

public:
    explicit Page(QWidget* parent = nullptr);

    virtual void display(const ViewState& state) = 0;
    /// Keeps an estimate to hold others against; only the page that compares does.
    virtual void keep(const EstimatePointer&) {}
    /// What Copy Table takes while the page is in sight; nothing: the tables of the estimate.
    virtual std::vector<Table> tables() const { return {}; }
    /// What Export writes while the page is in sight, by the ending of the file; nothing: the report of the estimate.
    virtual std::optional<WantedFile> file(const QString& ending) const;

    /// Asks for that file to be written, where there is one.
    void want(const QString& ending);

Q_SIGNALS:
    void acceleratorChosen(const QString& id);
    void pinToggled(const QString& id);
    void exportWanted(const weighbridge::WantedFile& wanted);
    /// The scenario with a change, as one undo step called `what`.
    void scenarioWanted(const weighbridge::Scenario& scenario, const QString& what);

protected:
    /// Follows font and palette.
    virtual void style() {}
    /// Puts the parts where the width has room for them.
    virtual void arrange() {}
    /// Both, once the page is built; from then on whenever what they follow changes.
    void dress();

    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    bool dressed_ = false;
};

/// Tables as a file: a picture of them or CSV, by the ending; nothing for others. `name` begins the file's.
std::optional<WantedFile> tablesFile(const QString& ending, const EstimatePointer& estimate, const QString& name,
                                     const QString& title, const std::vector<Table>& tables);

/// All there is to know of a page: where it stands in the list is its tab, its entry in the menu and its shortcut.
struct PageEntry
{
    const char* id = "";    ///< "speed": of its menu entry, "view.speed"
    const char* title = ""; ///< with the letter of its menu entry; English, of context "weighbridge::Page"
    /// Made when it is first looked at.
    Page* (*make)(QWidget* parent) = nullptr;
    /// Whether it has something to say of that estimate; always, where null.
    bool (*offered)(const Estimate& estimate) = nullptr;
    bool keeps = false; ///< takes what is kept for comparison, also while nobody has looked at it
};

/// Each stands in the file of its page.
PageEntry memoryPage();
PageEntry speedPage();
PageEntry layersPage();
PageEntry capacityPage();
PageEntry quantizationsPage();
PageEntry comparePage();
PageEntry launchPage();
PageEntry leversPage();

/// Every page, in the order of the tabs.
std::span<const PageEntry> pages();

} // namespace weighbridge
