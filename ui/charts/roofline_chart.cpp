#include "ui/charts/roofline_chart.h"

#include "ui/theme/text.h"

#include <QPainter>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

void addFormula(QStringList& lines, const QString& what, const Formula& formula)
{
    if (formula.symbols.empty())
        return;
    lines << what % u" = "_s % utf8(formula.symbols);
    lines << u"   = "_s % utf8(formula.numbers);
}

} // namespace

QString operationToolTip(const RooflineRow& row)
{
    const Operation& operation = row.operation;
    QStringList lines;
    lines << coreText(operation.label) % u": "_s % utf8(si_text(operation.flops)) % u"FLOP, "_s %
                 utf8(traffic_text(operation.bytes()));
    lines << RooflineChart::tr("weights %1, KV cache %2, activations %3")
                 .arg(utf8(traffic_text(operation.weight_bytes)), utf8(traffic_text(operation.cache_bytes)),
                      utf8(traffic_text(operation.activation_bytes)));
    addFormula(lines, RooflineChart::tr("FLOPs"), operation.flops_formula);
    addFormula(lines, RooflineChart::tr("bytes"), operation.bytes_formula);
    return lines.join(u'\n');
}

RooflineChart::RooflineChart(QWidget* parent) : PartsWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void RooflineChart::display(const ViewState& state, std::size_t index)
{
    state_ = state;
    index_ = index;
    setStale(state.stale);
    layOut();
}

const Roofline* RooflineChart::roofline() const
{
    if (!state_.estimate || index_ >= state_.estimate->rooflines.size())
        return nullptr;
    return &state_.estimate->rooflines[index_];
}

void RooflineChart::layOut()
{
    const Roofline* shown = roofline();
    if (!shown)
        return;
    layout_ = RooflineLayout::of(*shown, utf8(state_.estimate->accelerator.card_name()), QRectF(rect()), typography());
    setAccessibleName(layout_.name);
    partsChanged();
}

QString RooflineChart::partToolTip(std::size_t part) const
{
    const Roofline* shown = roofline();
    const std::size_t row = layout_.points.at(part).row;
    return shown && row < shown->rows.size() ? operationToolTip(shown->rows[row]) : QString();
}

QSize RooflineChart::sizeHint() const
{
    return {32 * spacing().l, 20 * spacing().l};
}

QSize RooflineChart::minimumSizeHint() const
{
    return {10 * spacing().l, 14 * spacing().l}; // the page has it in twice the usual font, too
}

void RooflineChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layout_.paint(painter, theme(), typography(), focusedPart());
}

void RooflineChart::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

} // namespace weighbridge
