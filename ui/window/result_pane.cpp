#include "ui/window/result_pane.h"

#include "ui/charts/figure_tiles.h"
#include "ui/charts/stacked_bar.h"
#include "ui/views/headline_tiles.h"
#include "ui/views/levers_line.h"
#include "ui/views/page.h"
#include "ui/views/verdict_header.h"
#include "ui/widgets/tab_steps.h"

#include <QCoreApplication>
#include <QEvent>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

const PageEntry& entryOf(int page)
{
    return pages()[static_cast<std::size_t>(page)];
}

bool hasSomethingToSay(const PageEntry& entry, const EstimatePointer& estimate)
{
    return entry.offered == nullptr || !estimate || entry.offered(*estimate);
}

} // namespace

ResultPane::ResultPane(QWidget* parent)
    : QWidget(parent), verdict_(new VerdictHeader(this)), bar_(new StackedBar(this)),
      tiles_(new FigureTiles(this, TileForm::line)), levers_(new LeversLine(this)), tabs_(new QTabBar(this)),
      pages_(new QStackedWidget(this)), made_(pages().size())
{
    verdict_->setObjectName(u"verdict"_s);
    bar_->setObjectName(u"bar"_s);
    tiles_->setObjectName(u"headlines"_s);
    tiles_->setAccessibleName(tr("Headlines"));
    tabs_->setObjectName(u"tabs"_s);
    tabs_->setAccessibleName(tr("Pages"));
    tabs_->setExpanding(false);
    tabs_->setDrawBase(true);
    tabs_->setUsesScrollButtons(true);
    for (const PageEntry& entry : pages())
        tabs_->addTab(QCoreApplication::translate("weighbridge::Page", entry.title).remove(u'&'));
    pages_->addWidget(made(0));

    auto* column = new QVBoxLayout(this);
    column->setSpacing(0);
    column->addWidget(verdict_);
    column->addSpacing(10);
    column->addWidget(bar_);
    column->addSpacing(8);
    column->addWidget(tiles_);
    column->addSpacing(8);
    column->addWidget(levers_);
    column->addWidget(tabs_);
    column->addSpacing(6);
    column->addWidget(pages_, 1);
    setMargins();
    stepTabsByKeys(tabs_, this);
    connect(tabs_, &QTabBar::currentChanged, this, &ResultPane::openPage);
    connect(tiles_, &FigureTiles::pageWanted, this, &ResultPane::goTo);
    connect(levers_, &LeversLine::scenarioWanted, this, &ResultPane::scenarioWanted);
    connect(levers_, &LeversLine::allWanted, this, [this] { goTo(u"levers"_s); });
}

void ResultPane::display(const ViewState& state)
{
    // Another model or task is another page: it begins at its top.
    if (state_.estimate && state.estimate &&
        (state_.estimate->model != state.estimate->model ||
         state_.estimate->scenario.task != state.estimate->scenario.task))
        for (Page* page : made_)
            if (page != nullptr)
                page->verticalScrollBar()->setValue(0);
    state_ = state;
    offer();
    verdict_->display(state);
    bar_->display(state);
    tiles_->display(headlineTiles(state), state.stale);
    levers_->display(state);
    current()->display(state_); // those out of sight catch up when they come into sight
}

/// Tabs of pages that have nothing to say are out of sight, and so is the page itself.
void ResultPane::offer()
{
    bool changed = false;
    for (int page = 0; page < pageCount(); ++page) {
        const bool offered = hasSomethingToSay(entryOf(page), state_.estimate);
        if (tabs_->isTabVisible(page) == offered)
            continue;
        if (!offered && tabs_->currentIndex() == page)
            tabs_->setCurrentIndex(0);
        tabs_->setTabVisible(page, offered);
        changed = true;
    }
    if (changed)
        Q_EMIT offeredChanged();
}

void ResultPane::setPage(int page)
{
    if (!isOffered(page))
        return;
    tabs_->setCurrentIndex(page);
    tabs_->setFocus(Qt::OtherFocusReason);
}

void ResultPane::goTo(const QString& id)
{
    for (int page = 0; page < pageCount(); ++page)
        if (id == QLatin1StringView(entryOf(page).id))
            setPage(page);
}

int ResultPane::pageCount() const
{
    return tabs_->count();
}

bool ResultPane::isOffered(int page) const
{
    return tabs_->isTabVisible(page);
}

void ResultPane::keep()
{
    for (int page = 0; page < pageCount(); ++page)
        if (entryOf(page).keeps)
            made(page)->keep(state_.estimate);
}

Page* ResultPane::made(int page)
{
    Page*& made = made_.at(static_cast<std::size_t>(page));
    if (made != nullptr)
        return made;
    made = entryOf(page).make(this);
    connect(made, &Page::acceleratorChosen, this, &ResultPane::acceleratorChosen);
    connect(made, &Page::pinToggled, this, &ResultPane::pinToggled);
    connect(made, &Page::exportWanted, this, &ResultPane::exportWanted);
    connect(made, &Page::scenarioWanted, this, &ResultPane::scenarioWanted);
    return made;
}

Page* ResultPane::current() const
{
    return made_.at(static_cast<std::size_t>(tabs_->currentIndex()));
}

std::vector<Table> ResultPane::tables() const
{
    return current()->tables();
}

std::optional<WantedFile> ResultPane::file(const QString& ending) const
{
    return current()->file(ending);
}

void ResultPane::openPage(int page)
{
    Page* opened = made(page);
    if (pages_->indexOf(opened) < 0)
        pages_->addWidget(opened);
    opened->display(state_);
    pages_->setCurrentWidget(opened);
}

void ResultPane::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        setMargins();
}

void ResultPane::setMargins()
{
    const int side = fontMetrics().height() * 5 / 4;
    layout()->setContentsMargins(side, side * 3 / 4, side, 0);
}

} // namespace weighbridge
