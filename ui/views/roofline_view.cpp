#include "ui/views/roofline_view.h"

#include "core/report/estimate_tables.h"
#include "ui/charts/roofline_chart.h"
#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"

#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QSignalBlocker>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

/// "0.25 ms", three significant digits.
QString secondsText(double seconds)
{
    struct Unit
    {
        double size;
        QStringView name;
    };
    constexpr Unit units[] = {{1, u"s"}, {1e-3, u"ms"}, {1e-6, u"µs"}};
    for (const Unit& unit : units)
        if (seconds >= unit.size)
            return utf8(si_text(seconds / unit.size)) % u'\u00A0' % unit.name;
    return utf8(si_text(seconds * 1e9)) % u"\u00A0ns"_s;
}

/// Training has one phase, forward plus backward; inference two to choose from.
Phase phaseAt(int index, const Estimate& estimate)
{
    return estimate.training ? Phase::training : index == 0 ? Phase::decode : Phase::prefill;
}

/// With a row for the whole layer below.
Table shownOperations(const Roofline& roofline)
{
    Table table = operations_table({&roofline, 1});
    const auto cells = [&](std::string_view id) {
        const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                        [&](const Column& column) { return column.id == id && column.is_shown(); });
        return static_cast<std::size_t>(found - table.columns.begin());
    };
    const std::size_t label = cells("label");
    const std::size_t bound = cells("bound");
    table.columns[bound].whole = true;
    // What gives way where there is little room is in the operation's tool tip.
    table.columns[label].narrow = RooflineView::tr("Operation").toStdString();
    table.columns[cells("bytes")].spare = 1;
    table.columns[cells("flops")].spare = 2;
    table.columns[cells("intensity")].spare = 3;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const RooflineRow& operation = roofline.rows[i];
        table.rows[i].cells[label].remark = operationToolTip(operation).toStdString();
        Cell& tag = table.rows[i].cells[bound];
        tag.text = operation.bound == Bound::unknown ? "—" : boundWord(operation.bound).toStdString();
        tag.mark = operation.bound == Bound::compute ? Mark::strong_tag : Mark::tag;
    }
    Row layer{std::vector<Cell>(table.columns.size()), 0, Emphasis::sum};
    layer.cells[label] = shownCell(RooflineView::tr("One layer"));
    layer.cells[cells("flops")] = number_cell(roofline.flops, si_text(roofline.flops));
    layer.cells[cells("bytes")] = number_cell(roofline.bytes, traffic_text(roofline.bytes));
    if (roofline.intensity() > 0)
        layer.cells[cells("intensity")] = number_cell(roofline.intensity(), si_text(roofline.intensity()));
    table.rows.push_back(std::move(layer));
    return table;
}

} // namespace

RooflineView::RooflineView(QWidget* parent)
    : QWidget(parent), phase_(new SegmentedControl({tr("Decode"), tr("Prefill")}, this)), kind_(new QComboBox(this)),
      context_(new ElidedLabel(this)), chart_(new RooflineChart(this)), sentence_(new SelectableLabel(this)),
      explanation_(new SelectableLabel(this)), right_(new QWidget(this))
{
    setObjectName(u"rooflineView"_s);
    phase_->setObjectName(u"rooflinePhase"_s);
    phase_->setAccessibleName(tr("Phase"));
    kind_->setObjectName(u"rooflineLayerKind"_s);
    kind_->setAccessibleName(tr("Kind of layer"));
    kind_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    chart_->setObjectName(u"rooflineChart"_s);
    sentence_->setObjectName(u"rooflineSentence"_s);

    table_ = new TableSheet(right_);
    table_->setObjectName(u"operationsTable"_s);
    table_->setAccessibleName(tr("Operations of one layer"));
    table_->setSymbol([this](QPainter& painter, const QRectF& box, int row) { paintSwatch(painter, box, row); });
    auto* rightColumn = new QVBoxLayout(right_);
    rightColumn->setContentsMargins(0, 0, 0, 0);
    rightColumn->addWidget(table_);
    for (QLabel* label : {sentence_, explanation_}) {
        label->setWordWrap(true);
        rightColumn->addWidget(label);
    }
    rightColumn->addStretch(1);
    explanation_->setText(
        tr("Arithmetic intensity is FLOPs per byte moved. Below the ridge an operation waits for memory, above it for "
           "arithmetic; peaks are dense, without sparsity."));

    top_ = new QGridLayout;
    top_->addWidget(phase_, 0, 0);
    top_->addWidget(kind_, 0, 1);
    top_->setColumnStretch(2, 1);
    body_ = new QGridLayout;
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(top_);
    column->addLayout(body_);
    column->addStretch(1);

    connect(phase_, &SegmentedControl::currentIndexChanged, this, &RooflineView::showChosen);
    connect(kind_, &QComboBox::currentIndexChanged, this, &RooflineView::showChosen);
    arrange();
    style();
}

void RooflineView::display(const ViewState& state)
{
    const bool restyle = state.stale != state_.stale;
    state_ = state;
    if (!state_.estimate)
        return;
    fillKinds();
    showChosen();
    if (restyle)
        style();
}

/// One entry per kind of layer; what is chosen stays so while that kind is there.
void RooflineView::fillKinds()
{
    QStringList kinds;
    for (const Roofline& roofline : state_.estimate->rooflines) {
        if (roofline.phase != phaseAt(0, *state_.estimate))
            continue;
        kinds << tr("%1 × %2").arg(utf8(grouped(roofline.layers)), coreText(roofline.layer_label));
    }
    QStringList shown;
    for (int i = 0; i < kind_->count(); ++i)
        shown << kind_->itemText(i);
    if (shown != kinds) {
        const QSignalBlocker quiet(kind_);
        const int before = kind_->currentIndex();
        kind_->clear();
        kind_->addItems(kinds);
        kind_->setCurrentIndex(std::clamp(before, 0, std::max(0, static_cast<int>(kinds.size()) - 1)));
    }
    kind_->setVisible(kinds.size() > 1);
    phase_->setVisible(!state_.estimate->training && !follows_);
}

void RooflineView::followPhase(int index)
{
    follows_ = true;
    phase_->hide();
    phase_->setCurrentIndex(index);
}

std::size_t RooflineView::chosen() const
{
    const Phase phase = phaseAt(phase_->currentIndex(), *state_.estimate);
    int kind = 0;
    const auto& all = state_.estimate->rooflines;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].phase == phase && kind++ == std::max(0, kind_->currentIndex()))
            return i;
    return all.size();
}

QString RooflineView::contextText() const
{
    const Estimate& estimate = *state_.estimate;
    const TrainingChoice* training = estimate.scenario.training();
    const InferenceChoice& inference = estimate.scenario.inference;
    const std::int64_t sequences = training != nullptr ? training->micro_batch_size : inference.concurrent_sequences;
    const std::int64_t tokens = training != nullptr ? training->sequence_length : inference.tokens();
    QString text =
        utf8(estimate.accelerator.card_name()) % u" · "_s %
        (sequences == 1 ? tr("1 sequence of %1 tokens").arg(utf8(grouped(tokens)))
                        : tr("%1 sequences of %2 tokens").arg(utf8(grouped(sequences)), utf8(grouped(tokens))));
    if (training != nullptr)
        text = tr("Forward plus backward of one micro batch") % u" · "_s % text;
    const HardwareChoice& hardware = estimate.scenario.hardware;
    for (const auto& [layout, ranks] :
         {std::pair{tr("TP %1"), hardware.tensor_parallel}, std::pair{tr("PP %1"), hardware.pipeline_parallel},
          std::pair{tr("DP %1"), hardware.data_parallel}, std::pair{tr("EP %1"), hardware.expert_parallel}})
        if (ranks > 1)
            text = text % u" · "_s % layout.arg(utf8(grouped(ranks)));
    return text;
}

QString RooflineView::sentence(const Roofline& roofline) const
{
    const auto bounded = [&](Bound bound) {
        return std::ranges::count_if(roofline.rows, [bound](const RooflineRow& row) { return row.bound == bound; });
    };
    const auto memory = bounded(Bound::memory);
    const auto compute = bounded(Bound::compute);
    const auto all = std::ssize(roofline.rows);
    QString text;
    if (all > 0 && memory == all)
        text = tr("Every operation is memory bound: it moves bytes for longer than it computes.");
    else if (all > 0 && compute == all)
        text = tr("Every operation is compute bound: more bandwidth would not help.");
    else if (memory + compute > 0)
        text = tr("%1 of %2 operations are memory bound, %3 compute bound.").arg(memory).arg(all).arg(compute);
    if (roofline.seconds_at_least > 0)
        text = (text.isEmpty() ? text : text % u' ') %
               (roofline.phase == Phase::training
                    ? tr("One layer moves %1 per micro batch and GPU, forward plus backward, and takes at least %2; "
                         "the network has %3 such layers.")
                    : tr("One layer moves %1 per step and GPU and takes at least %2; the network has %3 such layers."))
                   .arg(utf8(traffic_text(roofline.bytes)), secondsText(roofline.seconds_at_least),
                        utf8(grouped(roofline.layers)));
    if (roofline.gpu_layers < roofline.layers)
        text = text % u' ' % tr("At most %1 of them are on one GPU.").arg(utf8(grouped(roofline.gpu_layers)));
    return text;
}

void RooflineView::showChosen()
{
    if (!state_.estimate)
        return;
    const std::size_t index = chosen();
    if (index >= state_.estimate->rooflines.size())
        return;
    const Roofline& roofline = state_.estimate->rooflines[index];
    context_->setFullText(contextText());
    chart_->display(state_, index);
    table_->display(shownOperations(roofline), state_.stale);
    sentence_->setText(sentence(roofline));
    arrange();
}

/// The colour of the operation's point.
void RooflineView::paintSwatch(QPainter& painter, const QRectF& box, int row) const
{
    const auto& rows = state_.estimate->rooflines[chosen()].rows;
    if (static_cast<std::size_t>(row) >= rows.size())
        return;
    painter.setPen(Qt::NoPen);
    painter.setBrush(table_->theme().seriesColor(operationSeries(rows[static_cast<std::size_t>(row)].operation.id)));
    painter.drawRoundedRect(box, box.width() / 5, box.width() / 5);
}

/// Beside each other where the table has its width and the chart as much again.
void RooflineView::arrange()
{
    const Spacing space = Spacing::from(font());
    const bool beside = width() >= table_->sizeHint().width() + 24 * space.l;
    if (beside == beside_ && body_->count() > 0)
        return;
    beside_ = beside;
    top_->removeWidget(context_);
    if (beside)
        top_->addWidget(context_, 0, 2);
    else
        top_->addWidget(context_, 1, 0, 1, 3);
    body_->removeWidget(chart_);
    body_->removeWidget(right_);
    body_->addWidget(chart_, 0, 0);
    body_->addWidget(right_, beside ? 0 : 1, beside ? 1 : 0);
    body_->setColumnStretch(0, 1);
    body_->setColumnStretch(1, beside ? 1 : 0);
    chart_->setMaximumHeight(32 * space.l); // beside a long table the chart grows with it
    chart_->setMinimumHeight(beside ? 20 * space.l : 16 * space.l);
}

void RooflineView::style()
{
    const Spacing space = Spacing::from(font());
    Theme theme = Theme::from(parentWidget() ? parentWidget()->palette() : palette());
    if (state_.stale)
        theme = theme.greyed();
    for (QWidget* label :
         {static_cast<QWidget*>(context_), static_cast<QWidget*>(sentence_), static_cast<QWidget*>(explanation_)})
        setTextColor(label, theme.mutedText);
    body_->setHorizontalSpacing(space.xl);
    body_->setVerticalSpacing(space.l);
    right_->layout()->setSpacing(space.m + space.s);
    layout()->setSpacing(space.l);
    top_->setHorizontalSpacing(space.l);
    top_->setVerticalSpacing(space.m);
}

void RooflineView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void RooflineView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        style();
        arrange();
    }
}

} // namespace weighbridge
