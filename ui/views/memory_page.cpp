#include "ui/views/memory_page.h"

#include "core/report/devices_report.h"
#include "ui/session/answers.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/views/engine_prints.h"
#include "ui/views/fit_cards.h"
#include "ui/views/memory_table.h"
#include "ui/views/model_panel.h"
#include "ui/views/moments_view.h"
#include "ui/views/timeline_view.h"
#include "ui/widgets/table_sheet.h"

#include <QEvent>
#include <QFontMetrics>
#include <QLabel>
#include <QVBoxLayout>

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

MemoryPage::MemoryPage(QWidget* parent) : Page(parent)
{
    setObjectName(u"memoryPage"_s);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    table_ = new MemoryTable(page);
    fitsTitle_ = new QLabel(tr("Fits on"), page);
    cards_ = new FitCards(page);
    panel_ = new ModelPanel(page);
    auto* column = new QVBoxLayout(page);
    for (QWidget* widget : {static_cast<QWidget*>(table_), static_cast<QWidget*>(fitsTitle_),
                            static_cast<QWidget*>(cards_), static_cast<QWidget*>(panel_)})
        column->addWidget(widget);
    column->addStretch(1);
    page->setAutoFillBackground(false);
    connect(cards_, &FitCards::acceleratorChosen, this, &MemoryPage::acceleratorChosen);
    connect(cards_, &FitCards::pinToggled, this, &MemoryPage::pinToggled);
    styleColumn();
}

void MemoryPage::display(const ViewState& state)
{
    showMoments(state);
    table_->display(state);
    showDevices(state);
    showPrints(state);
    cards_->display(state);
    panel_->display(state);
    if (stale_ == state.stale)
        return;
    stale_ = state.stale;
    inkTitle();
}

void MemoryPage::inkTitle()
{
    QPalette ink; // follows the window but for what is out of date
    if (stale_)
        ink.setColor(QPalette::WindowText, Theme::from(palette()).greyed().text);
    fitsTitle_->setPalette(ink);
}

void MemoryPage::showMoments(const ViewState& state)
{
    if (!state.estimate)
        return;
    if (!state.estimate->training) {
        delete std::exchange(moments_, nullptr);
        delete std::exchange(timeline_, nullptr);
        asked_ = nullptr;
        return;
    }
    if (moments_ == nullptr) {
        moments_ = new MomentsView(widget());
        timeline_ = new TimelineView(widget());
        connect(timeline_, &TimelineView::exportWanted, this, &MemoryPage::exportWanted);
        auto* column = static_cast<QVBoxLayout*>(widget()->layout()); // NOLINT: made as such above
        column->insertWidget(0, moments_);
        column->insertWidget(1, timeline_);
    }
    moments_->display(state);
    timeline_->display(state);
    if (asked_ == state.estimate)
        return;
    asked_ = state.estimate;
    MoreAnswers wanted;
    wanted.save = true;
    wanted.timeline = true;
    Q_EMIT answersWanted(asked_, wanted);
}

void MemoryPage::showAnswers(const EstimatePointer& about, const EstimatePointer& answers)
{
    if (moments_ != nullptr)
        moments_->showAnswers(about, answers);
    if (timeline_ != nullptr)
        timeline_->showAnswers(about, answers);
}

void MemoryPage::showDevices(const ViewState& state)
{
    if (!state.estimate)
        return;
    if (!tells_devices(*state.estimate)) {
        delete std::exchange(devices_, nullptr);
        return;
    }
    if (devices_ == nullptr) {
        devices_ = new TableSheet(widget());
        devices_->setObjectName(u"devices"_s);
        devices_->setAccessibleName(tr("Memory by device"));
        auto* column = static_cast<QVBoxLayout*>(widget()->layout()); // NOLINT: made as such above
        column->insertWidget(column->indexOf(table_) + 1, devices_);
        styleLists();
    }
    devices_->display(devices_table(*state.estimate, state.unit), state.stale);
}

void MemoryPage::showPrints(const ViewState& state)
{
    if (!state.estimate)
        return;
    const auto rows = enginePrintRows(*state.estimate);
    if (rows.empty()) {
        delete std::exchange(prints_, nullptr);
        return;
    }
    if (prints_ == nullptr) {
        prints_ = new FigureList({}, widget());
        prints_->setObjectName(u"enginePrints"_s);
        auto* column = static_cast<QVBoxLayout*>(widget()->layout());   // NOLINT: made as such above
        column->insertWidget(column->indexOf(fitsTitle_) - 1, prints_); // before the space above the title
        styleLists();
    }
    prints_->setTitle(enginePrintsTitle(*state.estimate));
    prints_->setRows(rows, state.stale);
}

/// The eye still finds the figure of a label.
void MemoryPage::styleLists()
{
    const int letter = QFontMetrics(font()).averageCharWidth();
    if (devices_ != nullptr)
        devices_->setMaximumWidth(letter * 110);
    if (prints_ == nullptr)
        return;
    prints_->setContentsMargins(0, Spacing::from(font()).m, 0, 0);
    prints_->setMaximumWidth(letter * 75);
}

void MemoryPage::styleColumn()
{
    const Spacing space = Spacing::from(font());
    fitsTitle_->setFont(Typography::from(font()).strong);
    auto* column = static_cast<QVBoxLayout*>(widget()->layout()); // NOLINT: made as such above
    column->setContentsMargins(0, 0, 0, space.l);
    column->setSpacing(space.m);
    styleLists();
    for (int i = column->count() - 1; i >= 0; --i)
        if (column->itemAt(i)->spacerItem() && i + 1 < column->count())
            delete column->takeAt(i);
    column->insertSpacing(column->indexOf(fitsTitle_), space.m);
    column->insertSpacing(column->indexOf(panel_), space.l);
}

void MemoryPage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (panel_ == nullptr)
        return;
    if (event->type() == QEvent::FontChange)
        styleColumn();
    if (event->type() == QEvent::PaletteChange)
        inkTitle();
}

PageEntry memoryPage()
{
    /// What would lower a peak is read, not watched: it waits for a pause between keys, in milliseconds.
    static constexpr int typingPause = 120;
    return {.id = "memory",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "&Memory"),
            .make = [](QWidget* parent) -> Page* {
                auto* page = new MemoryPage(parent);
                auto* answers = new Answers(typingPause, page);
                QObject::connect(page, &MemoryPage::answersWanted, answers, &Answers::ask);
                QObject::connect(answers, &Answers::answered, page, &MemoryPage::showAnswers);
                return page;
            }};
}

} // namespace weighbridge
