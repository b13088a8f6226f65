#include "ui/views/speed_page.h"

#include "core/quantity/display.h"
#include "core/report/speed_pages.h"
#include "core/report/speed_report.h"
#include "ui/charts/figure_tiles.h"
#include "ui/charts/speed_chart.h"
#include "ui/charts/time_bar.h"
#include "ui/export/speed_picture.h"
#include "ui/session/background.h"
#include "ui/theme/text.h"
#include "ui/theme/typography.h"
#include "ui/views/roofline_view.h"
#include "ui/views/speed_figures.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"
#include "ui/widgets/wrap_layout.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QLabel* wrappedLabel(QWidget* parent, const QString& name)
{
    auto* label = new SelectableLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    return label;
}

} // namespace

SpeedPage::SpeedPage(QWidget* parent) : Page(parent), background_(new Background(this))
{
    setObjectName(u"speedPage"_s);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    words_ = wrappedLabel(page, u"speed.words"_s);
    png_ = namedButton(page, u"speed.png"_s, tr("Export &PNG …"));
    png_->setAccessibleDescription(tr("The figures and charts of this page as a picture"));
    csv_ = namedButton(page, u"speed.csv"_s, tr("Export C&SV …"));
    csv_->setAccessibleDescription(tr("All figures and points of this page"));
    auto* tools = new QWidget(page);
    auto* files = new WrapLayout(tools);
    files->addWidget(png_);
    files->addWidget(csv_);
    tools_ = tools;
    top_ = new QGridLayout;
    top_->setColumnStretch(0, 1);
    tiles_ = new FigureTiles(page);
    tiles_->setObjectName(u"speed.tiles"_s);
    tiles_->setAccessibleName(tr("Speed"));
    unknown_ = wrappedLabel(page, u"speed.unknown"_s);
    phase_ = new SegmentedControl({tr("Next tokens"), tr("First token")}, page);
    phase_->setObjectName(u"speed.phase"_s);
    phase_->setAccessibleName(tr("Step"));
    stepWords_ = wrappedLabel(page, u"speed.step"_s);
    step_ = new QGridLayout;
    step_->setColumnStretch(1, 1);
    bar_ = new TimeBar(page);
    bar_->setObjectName(u"speed.bar"_s);
    parts_ = buildParts(page);
    curvePart_ = buildCurve();
    rooflineTitle_ = new QLabel(tr("What bounds each operation"), page);
    roofline_ = new RooflineView(page);
    roofline_->setObjectName(u"roofline"_s);
    grid_ = new QGridLayout;
    auto* column = new QVBoxLayout(page);
    column->addLayout(top_);
    column->addWidget(tiles_);
    column->addSpacing(4);
    column->addWidget(unknown_);
    column->addLayout(step_);
    column->addWidget(bar_);
    column->addLayout(grid_);
    column->addWidget(rooflineTitle_);
    column->addWidget(roofline_);
    column->addStretch(1);
    page->setAutoFillBackground(false);
    connect(png_, &QPushButton::clicked, this, [this] { want(u"png"_s); });
    connect(csv_, &QPushButton::clicked, this, [this] { want(u"csv"_s); });
    connect(phase_, &SegmentedControl::currentIndexChanged, this, &SpeedPage::showStep);
    dress();
}

TableSheet* SpeedPage::buildParts(QWidget* page)
{
    auto* parts = new TableSheet(page);
    parts->setObjectName(u"speed.parts"_s);
    parts->setAccessibleName(tr("Parts of a step"));
    parts->setSymbol([this, parts](QPainter& painter, const QRectF& box, int row) {
        if (static_cast<std::size_t>(row) >= terms().size())
            return;
        painter.setPen(Qt::NoPen);
        painter.setBrush(timeColor(terms()[static_cast<std::size_t>(row)].id, parts->theme()));
        painter.drawRoundedRect(box, box.width() / 5, box.width() / 5);
    });
    return parts;
}

QWidget* SpeedPage::buildCurve()
{
    auto* part = new QWidget(widget());
    curveTitle_ = new QLabel(part);
    curveTitle_->setObjectName(u"speed.curveTitle"_s);
    curveTitle_->setWordWrap(true);
    chart_ = new SpeedChart(part);
    chart_->setObjectName(u"speed.chart"_s);
    curveWords_ = wrappedLabel(part, u"speed.curve"_s);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(curveTitle_);
    column->addWidget(chart_);
    column->addWidget(curveWords_);
    column->addStretch(1);
    return part;
}

void SpeedPage::display(const ViewState& state)
{
    const bool restyle = state.stale != state_.stale;
    state_ = state;
    if (!state_.estimate)
        return;
    if (restyle)
        style();
    showSpeed();
    if (asked_ != state_.estimate && isVisible())
        ask();
}

void SpeedPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (asked_ != state_.estimate)
        ask();
}

/// The curve takes as long as some forty estimates: not in this thread.
void SpeedPage::ask()
{
    if (!state_.estimate)
        return;
    asked_ = state_.estimate;
    if (asked_->training || !knowsSpeed(*asked_)) {
        background_->stop();
        curveOf_ = asked_;
        curve_ = nullptr;
        showCurve();
        return;
    }
    background_->ask([this, about = asked_](const Background::Progress& progress) -> Background::Show {
        const auto found = speed_curve(question_of(*about), progress);
        return [this, about, curve = found ? *found : nullptr] {
            curveOf_ = about;
            curve_ = curve;
            showCurve();
        };
    });
}

const std::vector<SpeedTerm>& SpeedPage::terms() const
{
    static const std::vector<SpeedTerm> none;
    if (!state_.estimate || !state_.estimate->speed)
        return none;
    const Speed& speed = *state_.estimate->speed;
    return phase_->currentIndex() == 1 && !speed.training ? speed.prefill_terms : speed.terms;
}

void SpeedPage::showSpeed()
{
    const Estimate& estimate = *state_.estimate;
    const bool known = knowsSpeed(estimate);
    words_->setText(known ? loadSentence(estimate) : tr("How fast, and what bounds it?"));
    tiles_->setVisible(known);
    tiles_->display(speedTiles(estimate), state_.stale);
    unknown_->setVisible(!known);
    if (!known)
        unknown_->setText(tr("%1. The memory figures don’t depend on it.").arg(unknownSpeedSentence(estimate)));
    png_->setVisible(known);
    csv_->setVisible(known);
    phase_->setVisible(!estimate.training);
    showStep();
    showCurve();
    roofline_->display(state_);
}

void SpeedPage::showStep()
{
    const bool known = state_.estimate && knowsSpeed(*state_.estimate) && !terms().empty();
    for (QWidget* part :
         {static_cast<QWidget*>(stepWords_), static_cast<QWidget*>(bar_), static_cast<QWidget*>(parts_)})
        part->setVisible(known);
    roofline_->followPhase(phase_->currentIndex());
    if (!known)
        return;
    const Speed& speed = *state_.estimate->speed;
    const bool reads = phase_->currentIndex() == 1 && !speed.training;
    const QString sum = reads ? tr("Reading one prompt") : tr("One step");
    stepWords_->setText(speed.training                ? tr("Where the time of a step goes.")
                        : phase_->currentIndex() == 0 ? coreText(speed_line(speed)) % u'.'
                                                      : tr("Reading one prompt, without waiting."));
    bar_->display(terms(), state_.stale);
    parts_->display(speed_parts_table(terms(), "speed_parts", sum.toStdString()), state_.stale);
}

/// An older curve stays, greyed, until the new one is there.
void SpeedPage::showCurve()
{
    const bool any = curve_ && curve_->points.size() > 1 && state_.estimate && !state_.estimate->training &&
                     knowsSpeed(*state_.estimate);
    curvePart_->setVisible(any);
    if (any) {
        curveTitle_->setText(SpeedChartLayout::title(*curve_));
        chart_->display(curve_, state_.stale || curveOf_ != state_.estimate);
        curveWords_->setText(
            curve_->axis == SpeedAxis::context
                ? tr("One request at a time, with its range. Every point is what an estimate of that length says.")
                : tr("Each request with its range at the left, all together at the right. Every point is what an "
                     "estimate of that load says."));
    }
    arrange();
}

/// Step and curve beside each other where both have their width.
void SpeedPage::arrange()
{
    const Spacing space = Spacing::from(font());
    const int room = viewport()->width();
    const bool beside = !curvePart_->isHidden() && room >= 52 * space.l;
    const bool words = room >= 36 * space.l;
    const int columns = (beside ? 2 : 1) + (words ? 2 : 0);
    if (columns == columns_)
        return;
    columns_ = columns;
    for (QWidget* widget : {static_cast<QWidget*>(words_), tools_})
        top_->removeWidget(widget);
    top_->addWidget(words_, 0, 0);
    top_->addWidget(tools_, words ? 0 : 1, words ? 1 : 0, Qt::AlignTop);
    for (QWidget* widget : {static_cast<QWidget*>(phase_), static_cast<QWidget*>(stepWords_)})
        step_->removeWidget(widget);
    step_->addWidget(phase_, 0, 0);
    step_->addWidget(stepWords_, words ? 0 : 1, words ? 1 : 0, 1, words ? 1 : 2);
    grid_->removeWidget(parts_);
    grid_->removeWidget(curvePart_);
    grid_->addWidget(parts_, 0, 0, Qt::AlignTop);
    grid_->addWidget(curvePart_, beside ? 0 : 1, beside ? 1 : 0, Qt::AlignTop);
    grid_->setColumnStretch(0, 1);
    grid_->setColumnStretch(1, beside ? 1 : 0);
}

void SpeedPage::style()
{
    const Spacing space = Spacing::from(font());
    const Typography type = Typography::from(font());
    widget()->layout()->setContentsMargins(0, space.s, space.s, space.l);
    widget()->layout()->setSpacing(space.m);
    curvePart_->layout()->setSpacing(space.m);
    grid_->setHorizontalSpacing(space.xl);
    grid_->setVerticalSpacing(space.l);
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    QPalette ink;
    ink.setColor(QPalette::WindowText, theme.mutedText);
    for (QLabel* label : {words_, stepWords_, curveWords_})
        label->setPalette(ink);
    ink.setColor(QPalette::WindowText, theme.text);
    unknown_->setPalette(ink);
    for (QLabel* title : {curveTitle_, rooflineTitle_}) {
        title->setFont(type.strong);
        title->setPalette(ink);
    }
}

std::vector<Table> SpeedPage::tables() const
{
    if (!state_.estimate || !knowsSpeed(*state_.estimate))
        return {};
    const Speed& speed = *state_.estimate->speed;
    std::vector<Table> list = {speed_table(speed),
                               speed_parts_table(speed.terms, "speed_step", tr("One step").toStdString())};
    if (!speed.prefill_terms.empty())
        list.push_back(speed_parts_table(speed.prefill_terms, "speed_prompt", tr("Reading one prompt").toStdString()));
    return list;
}

std::optional<WantedFile> SpeedPage::file(const QString& ending) const
{
    std::vector<Table> list = tables();
    if (list.empty())
        return std::nullopt;
    const SpeedCurvePointer curve = curveOf_ == state_.estimate ? curve_ : nullptr;
    if (ending == "png"_L1)
        return WantedFile{
            tr("PNG image (*.png)"), u"speed.png"_s,
            [estimate = state_.estimate, curve, tiles = speedTiles(*state_.estimate),
             load = loadSentence(*state_.estimate)] { return speedPng(*estimate, curve.get(), tiles, load); }};
    if (curve)
        list.push_back(speed_curve_table(*curve));
    return tablesFile(ending, state_.estimate, u"speed"_s, tr("Speed"), list);
}

PageEntry speedPage()
{
    return {.id = "speed",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "S&peed"),
            .make = [](QWidget* parent) -> Page* { return new SpeedPage(parent); }};
}

} // namespace weighbridge
