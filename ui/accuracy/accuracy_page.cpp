#include "ui/accuracy/accuracy_page.h"

#include "ui/accuracy/accuracy_rows.h"
#include "ui/accuracy/accuracy_words.h"
#include "ui/charts/accuracy_scatter.h"
#include "ui/charts/scatter_layout.h"
#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/tab_steps.h"
#include "ui/widgets/table_sheet.h"

#include <QEvent>
#include <QGridLayout>
#include <QScrollArea>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QLabel* wordsIn(QWidget* parent, const QString& name)
{
    auto* label = new SelectableLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    return label;
}

QScrollArea* areaOf(QWidget* content, QWidget* parent)
{
    auto* area = new QScrollArea(parent);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(content);
    area->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    return area;
}

} // namespace

AccuracyPage::AccuracyPage(QWidget* parent)
    : QWidget(parent), tabs_(new QTabBar(this)), about_(wordsIn(this, u"accuracy.about"_s)), body_(new QGridLayout)
{
    setObjectName(u"accuracy.page"_s);
    tabs_->setObjectName(u"accuracy.engines"_s);
    tabs_->setAccessibleName(tr("Engine"));
    tabs_->setExpanding(false);
    tabs_->setDrawBase(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(tabs_);
    column->addWidget(about_);
    column->addLayout(body_, 1);
    leftArea_ = areaOf(buildLeft(), this);
    buildRight();
    body_->addWidget(leftArea_, 0, 0);
    body_->addLayout(rightColumn_, 0, 1);
    connectParts();
    setTabOrder(tabs_, figures_);
    setTabOrder(figures_, scatter_);
    setTabOrder(scatter_, runs_);
    style();
    arrange();
}

QWidget* AccuracyPage::buildLeft()
{
    auto* left = new QWidget;
    figures_ = new TableSheet(left);
    figures_->setObjectName(u"accuracy.figures"_s);
    figures_->setAccessibleName(tr("Figures of the engine"));
    figures_->setShowsChosen();
    sentence_ = wordsIn(left, u"accuracy.sentence"_s);
    details_ = wordsIn(left, u"accuracy.details"_s);
    scatter_ = new AccuracyScatter(left);
    scatter_->setObjectName(u"accuracy.scatter"_s);
    leftColumn_ = new QVBoxLayout(left);
    leftColumn_->setContentsMargins(0, 0, 0, 0);
    for (QWidget* part :
         {static_cast<QWidget*>(figures_), static_cast<QWidget*>(sentence_), static_cast<QWidget*>(details_)})
        leftColumn_->addWidget(part);
    leftColumn_->addWidget(scatter_, 1);
    return left;
}

void AccuracyPage::buildRight()
{
    runs_ = new TableSheet(this);
    runs_->setObjectName(u"accuracy.runs"_s);
    runs_->setAccessibleName(tr("Runs of the figure"));
    runs_->setShowsChosen();
    runs_->setSymbol([this](QPainter& painter, const QRectF& box, int row) {
        const FigureAccuracy& figure = accuracy_->sets[chosenSet()].figures[chosenFigure()];
        if (static_cast<std::size_t>(row) < order_.size())
            drawMark(painter, accuracyMark(figure.points[order_[static_cast<std::size_t>(row)]]), box.center(),
                     box.width() * 0.4, runs_->theme());
    });
    runs_->setScrolls();
    run_ = wordsIn(this, u"accuracy.run"_s);
    leftOut_ = wordsIn(this, u"accuracy.leftOut"_s);
    rightColumn_ = new QVBoxLayout;
    rightColumn_->addWidget(runs_, 1);
    rightColumn_->addWidget(run_);
    rightColumn_->addWidget(leftOut_);
}

void AccuracyPage::connectParts()
{
    stepTabsByKeys(tabs_, this);
    connect(tabs_, &QTabBar::currentChanged, this, &AccuracyPage::showSet);
    connect(figures_, &TableSheet::currentRowChanged, this, &AccuracyPage::showFigure);
    connect(runs_, &TableSheet::currentRowChanged, this, [this](int row) {
        if (static_cast<std::size_t>(row) < order_.size())
            showRun(order_[static_cast<std::size_t>(row)]);
    });
    connect(scatter_, &AccuracyScatter::currentPartChanged, this, [this] {
        if (const auto point = scatter_->chosenPoint())
            showRun(*point);
    });
}

void AccuracyPage::display(AccuracyPointer accuracy)
{
    accuracy_ = std::move(accuracy);
    if (!accuracy_)
        return;
    if (tabs_->count() > 0) {
        showSet();
        return;
    }
    for (const SetAccuracy& set : accuracy_->sets)
        tabs_->addTab(coreText(set.set->title)); // the first one shows itself
    // The layout measured an empty bar, and one that is not shown yet does not tell that it grew.
    tabs_->updateGeometry();
    layout()->invalidate();
}

std::size_t AccuracyPage::chosenSet() const
{
    return static_cast<std::size_t>(std::max(0, tabs_->currentIndex()));
}

std::size_t AccuracyPage::chosenFigure() const
{
    return static_cast<std::size_t>(std::max(0, figures_->currentIndex().row()));
}

void AccuracyPage::takeFocus()
{
    figures_->setFocus();
}

QWidget* AccuracyPage::lastPart() const
{
    return runs_;
}

void AccuracyPage::showSet()
{
    if (!accuracy_ || chosenSet() >= accuracy_->sets.size())
        return;
    about_->setText(coreText(accuracy_->sets[chosenSet()].set->about));
    figures_->setCurrentIndex({});
    figures_->display(figureRows(accuracy_->sets[chosenSet()]), false);
    figures_->setCurrentIndex(figures_->model()->index(0, 0)); // and its signal shows the figure
}

void AccuracyPage::showFigure()
{
    if (!accuracy_)
        return;
    const SetAccuracy& set = accuracy_->sets[chosenSet()];
    const FigureAccuracy& figure = set.figures[chosenFigure()];
    sentence_->setText(figureSentence(figure));
    details_->setText(figureDetails(figure));
    details_->setVisible(!details_->text().isEmpty());
    leftOut_->setText(leftOutSentence(set, figure));
    leftOut_->setVisible(!leftOut_->text().isEmpty());
    scatter_->display(accuracy_, chosenSet(), chosenFigure());
    order_ = runOrder(figure);
    runs_->setCurrentIndex({});
    runs_->display(runRows(set, figure, order_), false);
    run_->clear();
    runs_->setCurrentIndex(runs_->model()->index(0, 0)); // the farthest off
}

/// The same run in the scatter, the table and in words; each tells the others only where it changes.
void AccuracyPage::showRun(std::size_t point)
{
    const SetAccuracy& set = accuracy_->sets[chosenSet()];
    run_->setText(runDetails(set, set.figures[chosenFigure()], point));
    scatter_->choosePoint(point);
    const auto row = static_cast<int>(std::find(order_.begin(), order_.end(), point) - order_.begin());
    if (runs_->currentIndex().row() != row)
        runs_->setCurrentIndex(runs_->model()->index(row, 0));
}

/// Beside each other where the table of figures and the runs both have their width.
void AccuracyPage::arrange()
{
    const Spacing space = Spacing::from(font());
    const bool beside = width() >= figures_->leastWidth() + runs_->leastWidth() + 4 * space.l;
    body_->setColumnStretch(0, beside ? 2 : 1);
    body_->setColumnStretch(1, beside ? 3 : 0);
    // Alone in its row it is large, but no higher than what can be seen of the page.
    const int high = std::max(15 * space.l, std::min(24 * space.l, leftArea_->viewport()->height()));
    scatter_->setMinimumHeight(beside ? 15 * space.l : high);
    if (beside == beside_)
        return;
    beside_ = beside;
    QVBoxLayout* column = beside ? rightColumn_ : leftColumn_;
    for (QWidget* part : {static_cast<QWidget*>(run_), static_cast<QWidget*>(runs_), static_cast<QWidget*>(leftOut_)})
        column->addWidget(part);
    if (beside)
        column->insertWidget(0, runs_, 1);
    runs_->setScrolls(beside);
}

void AccuracyPage::style()
{
    const Spacing space = Spacing::from(font());
    const Theme theme = Theme::from(palette());
    for (QWidget* quiet : {static_cast<QWidget*>(about_), static_cast<QWidget*>(details_), static_cast<QWidget*>(run_),
                           static_cast<QWidget*>(leftOut_)})
        setTextColor(quiet, theme.mutedText);
    layout()->setSpacing(space.m);
    body_->setHorizontalSpacing(space.xl);
    leftColumn_->setSpacing(space.m);
    rightColumn_->setSpacing(space.m);
}

void AccuracyPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void AccuracyPage::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        style();
        arrange();
    }
}

} // namespace weighbridge
