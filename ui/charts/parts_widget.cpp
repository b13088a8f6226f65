#include "ui/charts/parts_widget.h"

#include "ui/charts/accessible_parts.h"
#include "ui/theme/focus_ring.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>

namespace weighbridge {

PartsWidget::PartsWidget(QWidget* parent) : QWidget(parent)
{
    installAccessibleParts();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    typography_ = Typography::from(font());
    spacing_ = Spacing::from(font());
    followPalette();
}

PartsWidget::~PartsWidget() = default;

std::optional<std::size_t> PartsWidget::partAt(QPointF point) const
{
    for (std::size_t part = 0; part < partCount(); ++part)
        if (partRect(part).contains(point))
            return part;
    return std::nullopt;
}

std::optional<std::size_t> PartsWidget::currentPart() const
{
    if (partCount() == 0)
        return std::nullopt;
    return std::min(current_, partCount() - 1);
}

std::optional<std::size_t> PartsWidget::focusedPart() const
{
    return hasFocus() ? currentPart() : std::nullopt;
}

void PartsWidget::paintFocus(QPainter& painter, const QRectF& rect) const
{
    paintFocusRing(painter, rect, palette().color(QPalette::Highlight), theme_.surface);
}

void PartsWidget::setCurrentPart(std::size_t part)
{
    if (part >= partCount() || currentPart() == part)
        return;
    current_ = part;
    update();
    announce(QAccessible::Focus, part);
    Q_EMIT currentPartChanged();
}

void PartsWidget::setStale(bool stale)
{
    if (stale_ == stale)
        return;
    stale_ = stale;
    followPalette();
}

void PartsWidget::partsChanged()
{
    update();
    if (!QAccessible::isActive())
        return;
    QAccessibleEvent event(this, QAccessible::NameChanged);
    QAccessible::updateAccessibility(&event);
}

void PartsWidget::announce(QAccessible::Event what, std::size_t part)
{
    if (!QAccessible::isActive())
        return;
    QAccessibleEvent event(this, what);
    event.setChild(static_cast<int>(part));
    QAccessible::updateAccessibility(&event);
}

void PartsWidget::followPalette()
{
    theme_ = Theme::from(palette());
    if (stale_)
        theme_ = theme_.greyed();
    update();
}

bool PartsWidget::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event); // NOLINT: the type says what it is
    if (const auto part = partAt(help->pos()))
        QToolTip::showText(help->globalPos(), partToolTip(*part), this, partRect(*part).toAlignedRect());
    else
        QToolTip::hideText();
    return true;
}

void PartsWidget::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    switch (event->type()) {
    case QEvent::PaletteChange:
    case QEvent::StyleChange:
        followPalette();
        break;
    case QEvent::FontChange:
        typography_ = Typography::from(font());
        spacing_ = Spacing::from(font());
        fontsChanged();
        updateGeometry();
        update();
        break;
    default:
        break;
    }
}

std::optional<std::size_t> PartsWidget::neighbour(std::size_t from, int key) const
{
    const bool forward = (key == Qt::Key_Right) != isRightToLeft();
    switch (key) {
    case Qt::Key_Right:
    case Qt::Key_Left:
        if (forward)
            return from + 1 < partCount() ? std::optional(from + 1) : std::nullopt;
        return from > 0 ? std::optional(from - 1) : std::nullopt;
    case Qt::Key_Home:
        return 0;
    case Qt::Key_End:
        return partCount() - 1;
    default:
        return std::nullopt;
    }
}

void PartsWidget::keyPressEvent(QKeyEvent* event)
{
    const auto current = currentPart();
    if (!current) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (partsActivate()) {
            activatePart(*current);
            return;
        }
        break;
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Home:
    case Qt::Key_End:
        if (const auto next = neighbour(*current, event->key())) {
            setCurrentPart(*next);
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void PartsWidget::mouseReleaseEvent(QMouseEvent* event)
{
    const auto part = event->button() == Qt::LeftButton ? partAt(event->position()) : std::nullopt;
    if (!part) {
        QWidget::mouseReleaseEvent(event);
        return;
    }
    setCurrentPart(*part);
    if (partsActivate())
        activatePart(*part);
}

void PartsWidget::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
    if (const auto part = currentPart())
        announce(QAccessible::Focus, *part);
}

void PartsWidget::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

} // namespace weighbridge
