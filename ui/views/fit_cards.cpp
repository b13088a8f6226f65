#include "ui/views/fit_cards.h"

#include "core/quantity/display.h"
#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QFont verdictFont(const Typography& type)
{
    QFont font = type.smallNumber;
    font.setWeight(type.strong.weight());
    return font;
}

} // namespace

FitCards::FitCards(QWidget* parent) : PartsWidget(parent)
{
    setObjectName(u"fitCards"_s);
    setAccessibleName(tr("Fits on"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

bool FitCards::isPinned(const Fit& fit) const
{
    const auto& pinned = state_.estimate->scenario.hardware.pinned;
    return std::ranges::find(pinned, fit.accelerator.id) != pinned.end();
}

void FitCards::display(const ViewState& state)
{
    const int before = heightForWidth(width());
    state_ = state;
    setStale(state.stale);
    cards_.clear();
    if (!state_.estimate)
        return;
    const Estimate& estimate = *state_.estimate;
    const bool listed = std::ranges::any_of(
        estimate.cards, [&](const Fit& fit) { return fit.accelerator.id == estimate.accelerator.id; });
    if (!listed)
        cards_.push_back({&estimate.fit, isPinned(estimate.fit), {}, {}, {}, {}});
    for (const Fit& fit : estimate.cards)
        cards_.push_back({&fit, isPinned(fit), {}, {}, {}, {}});
    measure();
    if (heightForWidth(width()) != before)
        updateGeometry();
    layOut();
}

/// Cards are wide enough for whole names and for verdicts with what stays free, unless those are very long.
void FitCards::measure()
{
    const QFontMetrics metrics(typography().strong);
    int least = metrics.averageCharWidth() * 17;
    for (const Card& card : cards_) {
        least = std::max(least, metrics.horizontalAdvance(utf8(card.fit->accelerator.card_name())));
        least = std::max(least, static_cast<int>(std::ceil(footWidth(verdictShort(*card.fit), freeText(card)))));
    }
    leastWidth_ = std::min(least, metrics.averageCharWidth() * 25) + 3 * spacing().m;
}

/// As many as there is room for.
int FitCards::columnsFor(int width) const
{
    return std::max(1, (width + spacing().m) / (leastWidth_ + spacing().m));
}

int FitCards::cardHeight() const
{
    return QFontMetrics(typography().strong).height() + QFontMetrics(verdictFont(typography())).height() +
           5 * spacing().m;
}

void FitCards::layOut()
{
    const int columns = columnsFor(width());
    const qreal gap = spacing().m + spacing().xs;
    const qreal cardWidth = (width() - gap * (columns - 1) - 2) / columns;
    const QFontMetricsF metrics(typography().strong);
    const QFontMetricsF small(verdictFont(typography()));
    for (std::size_t i = 0; i < cards_.size(); ++i) {
        const int place = static_cast<int>(i) % columns;
        const int column = isRightToLeft() ? columns - 1 - place : place;
        const int row = static_cast<int>(i) / columns;
        Card& card = cards_[i];
        card.rect = QRectF(1 + column * (cardWidth + gap), 1 + row * (cardHeight() + gap), cardWidth, cardHeight());
        const qreal room = cardWidth - 2 * (spacing().m + spacing().xs);
        card.name = metrics.elidedText(utf8(card.fit->accelerator.card_name()), Qt::ElideMiddle, room);
        std::tie(card.verdict, card.aside) = foot(card, room);
    }
    partsChanged();
}

QString FitCards::freeText(const Card& card) const
{
    return does_fit(card.fit->verdict) ? tr("%1 free").arg(utf8(in_unit({card.fit->free_bytes}, state_.unit, 1)))
                                       : QString();
}

/// The verdict at the left, and at the right what stays free and whether the card is pinned. Where that is too much,
/// whole parts go: the pin first, then the verdict's words, then what is free.
std::pair<QString, QString> FitCards::foot(const Card& card, qreal room) const
{
    const QString whole = verdictShort(*card.fit);
    const QString shortest = verdictShortest(*card.fit);
    const QString free = freeText(card);
    const QString pinned = card.pinned ? tr("pinned") : QString();
    const QString gap = free.isEmpty() || pinned.isEmpty() ? QString() : u" · "_s;
    const QString both = free % gap % pinned;
    const QString& one = free.isEmpty() ? pinned : free;
    for (const auto& [verdict, aside] : {std::pair{whole, both}, {whole, one}, {shortest, one}, {whole, QString()}})
        if (footWidth(verdict, aside) <= room)
            return {verdict, aside};
    return {QFontMetricsF(verdictFont(typography())).elidedText(shortest, Qt::ElideRight, room), QString()};
}

qreal FitCards::footWidth(const QString& verdict, const QString& aside) const
{
    const qreal left = QFontMetricsF(verdictFont(typography())).horizontalAdvance(verdict);
    return aside.isEmpty() ? left
                           : left + spacing().m + QFontMetricsF(typography().smallNumber).horizontalAdvance(aside);
}

QStringList FitCards::textsOf(std::size_t part) const
{
    const Card& card = cards_.at(part);
    return {card.name, card.verdict, card.aside};
}

QString FitCards::partName(std::size_t part) const
{
    const Card& card = cards_.at(part);
    QString name = utf8(card.fit->accelerator.name) % u": "_s % verdictSentence(*card.fit, state_.unit);
    if (card.pinned)
        name = name % u", "_s % tr("pinned");
    return name;
}

QRectF FitCards::partRect(std::size_t part) const
{
    return cards_.at(part).rect;
}

QString FitCards::partToolTip(std::size_t part) const
{
    const Fit& fit = *cards_.at(part).fit;
    QStringList lines;
    lines << utf8(fit.accelerator.name) << verdictReason(fit, state_.unit);
    if (fit.verdict == Verdict::cant_run)
        return lines.join(u'\n'); // figures of what can't be would promise something
    const QString needed = inBothUnits(fit.needed, state_.unit);
    lines << (fit.verdict == Verdict::would_not_start ? tr("needed to start: %1") : tr("needed: %1")).arg(needed);
    lines << tr("capacity: %1").arg(inBothUnits(fit.capacity, state_.unit));
    if (fit.usable != fit.capacity)
        lines << tr("usable: %1").arg(inBothUnits(fit.usable, state_.unit));
    lines << (fit.free_bytes < 0 ? tr("too much: %1") : tr("free: %1"))
                 .arg(inBothUnits({std::abs(fit.free_bytes)}, state_.unit));
    return lines.join(u'\n');
}

bool FitCards::partSelected(std::size_t part) const
{
    return cards_.at(part).fit->accelerator.id == state_.estimate->accelerator.id;
}

void FitCards::activatePart(std::size_t part)
{
    if (!partSelected(part))
        Q_EMIT acceleratorChosen(utf8(cards_.at(part).fit->accelerator.id));
}

int FitCards::heightForWidth(int width) const
{
    const int columns = columnsFor(width);
    const int rows = (static_cast<int>(cards_.size()) + columns - 1) / columns;
    return std::max(0, rows * (cardHeight() + spacing().m + spacing().xs) - spacing().m - spacing().xs) + 2;
}

void FitCards::fontsChanged()
{
    measure();
    layOut();
}

QSize FitCards::sizeHint() const
{
    const int width = 50 * spacing().l;
    return {width, heightForWidth(width)};
}

QSize FitCards::minimumSizeHint() const
{
    return {QFontMetrics(typography().strong).averageCharWidth() * 17, cardHeight()};
}

void FitCards::resizeEvent(QResizeEvent* event)
{
    PartsWidget::resizeEvent(event);
    layOut();
}

void FitCards::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto focused = focusedPart();
    for (std::size_t i = 0; i < cards_.size(); ++i) {
        if (!cards_[i].rect.toAlignedRect().intersects(event->rect()))
            continue;
        paintCard(painter, cards_[i], partSelected(i));
        if (focused == i)
            paintFocus(painter, cards_[i].rect.adjusted(2, 2, -2, -2)); // within the frame of the chosen one
    }
}

void FitCards::paintCard(QPainter& painter, const Card& card, bool selected) const
{
    const Theme& colors = theme();
    const qreal radius = spacing().s + spacing().xs;
    const QRectF frame = selected ? card.rect : card.rect.adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(selected ? QPen(colors.accent, 2) : QPen(colors.border, 1));
    painter.setBrush(colors.card);
    painter.drawRoundedRect(frame, radius, radius);

    const qreal padding = spacing().m + spacing().xs;
    const QRectF inner = card.rect.adjusted(padding, padding, -padding, -padding);
    const QFontMetricsF strong(typography().strong);
    const QFontMetricsF small(verdictFont(typography()));
    painter.setFont(typography().strong);
    painter.setPen(colors.text);
    painter.drawText(QPointF(inner.left(), inner.top() + strong.ascent()), card.name);

    const VerdictColors& verdict = colors.verdict(card.fit->verdict);
    const qreal thickness = spacing().s + spacing().xs;
    const QRectF track(inner.left(), inner.top() + strong.height() + spacing().s + 1, inner.width(), thickness);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.track);
    painter.drawRoundedRect(track, thickness / 2, thickness / 2);
    if (card.fit->verdict != Verdict::cant_run) {
        const qreal filled = track.width() * std::clamp(card.fit->fraction, 0.0, 1.0);
        painter.setBrush(verdict.text);
        painter.drawRoundedRect(QRectF(track.left(), track.top(), std::max(filled, thickness), thickness),
                                thickness / 2, thickness / 2);
    }

    const qreal baseline = inner.bottom() - small.descent();
    painter.setFont(verdictFont(typography()));
    painter.setPen(verdict.text);
    painter.drawText(QPointF(inner.left(), baseline), card.verdict);
    painter.setFont(typography().smallNumber);
    painter.setPen(colors.mutedText);
    const qreal width = QFontMetricsF(painter.font()).horizontalAdvance(card.aside);
    painter.drawText(QPointF(inner.right() - width, baseline), card.aside);
}

std::optional<std::size_t> FitCards::neighbour(std::size_t from, int key) const
{
    const auto columns = static_cast<std::size_t>(columnsFor(width()));
    if (key == Qt::Key_Down)
        return from + columns < cards_.size() ? std::optional(from + columns) : std::nullopt;
    if (key == Qt::Key_Up)
        return from >= columns ? std::optional(from - columns) : std::nullopt;
    return PartsWidget::neighbour(from, key);
}

void FitCards::keyPressEvent(QKeyEvent* event)
{
    const auto current = currentPart();
    if (event->key() == Qt::Key_P && event->modifiers() == Qt::NoModifier && current) {
        Q_EMIT pinToggled(utf8(cards_[*current].fit->accelerator.id));
        return;
    }
    PartsWidget::keyPressEvent(event);
}

void FitCards::contextMenuEvent(QContextMenuEvent* event)
{
    const auto part = event->reason() == QContextMenuEvent::Mouse ? partAt(event->pos()) : currentPart();
    if (!part)
        return;
    setCurrentPart(*part);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QString id = utf8(cards_[*part].fit->accelerator.id);
    QAction* choose = menu->addAction(tr("Use this accelerator"), this, [this, id] { Q_EMIT acceleratorChosen(id); });
    choose->setEnabled(!partSelected(*part));
    menu->addAction(cards_[*part].pinned ? tr("Unpin") : tr("Pin"), QKeySequence(Qt::Key_P), this,
                    [this, id] { Q_EMIT pinToggled(id); });
    const QPoint below = mapToGlobal(cards_[*part].rect.center().toPoint());
    menu->popup(event->reason() == QContextMenuEvent::Mouse ? event->globalPos() : below);
}

} // namespace weighbridge
