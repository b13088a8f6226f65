#include "ui/window/result_pane.h"

#include "ui/charts/stacked_bar.h"
#include "ui/session/answers.h"
#include "ui/views/capacity_page.h"
#include "ui/views/layers_page.h"
#include "ui/views/memory_page.h"
#include "ui/views/roofline_view.h"
#include "ui/views/verdict_header.h"

#include <QEvent>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr int rooflinePage = 1;
constexpr int layersPage = 2;
constexpr int capacityPage = 3;

/// What would lower a peak is read, not watched: it waits for a pause between keys, in milliseconds.
constexpr int typingPause = 120;

} // namespace

ResultPane::ResultPane(QWidget* parent)
    : QWidget(parent), verdict_(new VerdictHeader(this)), bar_(new StackedBar(this)), tabs_(new QTabBar(this)),
      pages_(new QStackedWidget(this)), memory_(new MemoryPage(this))
{
    verdict_->setObjectName(u"verdict"_s);
    bar_->setObjectName(u"bar"_s);
    tabs_->setObjectName(u"tabs"_s);
    tabs_->setAccessibleName(tr("Pages"));
    tabs_->setExpanding(false);
    tabs_->setDrawBase(true);
    tabs_->addTab(tr("Memory"));
    tabs_->addTab(tr("Roofline"));
    tabs_->addTab(tr("Layers"));
    tabs_->addTab(tr("Capacity"));
    pages_->addWidget(memory_);

    auto* column = new QVBoxLayout(this);
    column->setSpacing(0);
    column->addWidget(verdict_);
    column->addSpacing(10);
    column->addWidget(bar_);
    column->addSpacing(8);
    column->addWidget(tabs_);
    column->addSpacing(6);
    column->addWidget(pages_, 1);
    setMargins();

    connect(tabs_, &QTabBar::currentChanged, this, &ResultPane::openPage);
    connect(memory_, &MemoryPage::acceleratorChosen, this, &ResultPane::acceleratorChosen);
    connect(memory_, &MemoryPage::pinToggled, this, &ResultPane::pinToggled);
    auto* answers = new Answers(typingPause, this);
    connect(memory_, &MemoryPage::answersWanted, answers, &Answers::ask);
    connect(answers, &Answers::answered, memory_, &MemoryPage::showAnswers);
}

void ResultPane::display(const ViewState& state)
{
    state_ = state;
    verdict_->display(state);
    bar_->display(state);
    displayPage(tabs_->currentIndex());
}

/// Pages out of sight are not kept up to date: they catch up when they come into sight.
void ResultPane::displayPage(int page)
{
    if (page == rooflinePage && roofline_ != nullptr)
        roofline_->display(state_);
    else if (page == layersPage && layers_ != nullptr)
        layers_->display(state_);
    else if (page == capacityPage && capacity_ != nullptr)
        capacity_->display(state_);
    else
        memory_->display(state_);
}

void ResultPane::setPage(int page)
{
    tabs_->setCurrentIndex(page);
    tabs_->setFocus(Qt::OtherFocusReason);
}

int ResultPane::pageCount() const
{
    return tabs_->count();
}

bool ResultPane::showsLayers() const
{
    return tabs_->currentIndex() == layersPage;
}

void ResultPane::makeRoofline()
{
    auto* area = new QScrollArea(this);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setFocusPolicy(Qt::NoFocus);
    roofline_ = new RooflineView;
    roofline_->setObjectName(u"roofline"_s);
    area->setWidget(roofline_);
    pages_->addWidget(area);
    rooflineArea_ = area;
}

void ResultPane::makeCapacity()
{
    capacity_ = new CapacityPage(this);
    pages_->addWidget(capacity_);
    connect(capacity_, &CapacityPage::exportWanted, this, &ResultPane::exportWanted);
    auto* answers = new Answers(0, this);
    connect(capacity_, &CapacityPage::answersWanted, answers, &Answers::ask);
    connect(answers, &Answers::answered, capacity_, &CapacityPage::showAnswers);
}

QWidget* ResultPane::widgetOf(int page) const
{
    switch (page) {
    case rooflinePage:
        return rooflineArea_;
    case layersPage:
        return layers_;
    case capacityPage:
        return capacity_;
    default:
        return memory_;
    }
}

void ResultPane::openPage(int page)
{
    if (page == rooflinePage && roofline_ == nullptr)
        makeRoofline();
    if (page == layersPage && layers_ == nullptr) {
        layers_ = new LayersPage(this);
        pages_->addWidget(layers_);
    }
    if (page == capacityPage && capacity_ == nullptr)
        makeCapacity();
    displayPage(page);
    pages_->setCurrentWidget(widgetOf(page));
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
