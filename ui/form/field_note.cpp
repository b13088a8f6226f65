#include "ui/form/field_note.h"

#include "ui/theme/ink.h"

#include <QEvent>
#include <QPainter>
#include <QPainterPath>

namespace weighbridge {

namespace {

QColor inkOf(Severity severity, const QPalette& palette)
{
    switch (severity) {
    case Severity::error:
        return errorInk(palette);
    case Severity::warning:
        return warningInk(palette);
    case Severity::note:
        break;
    }
    return mutedInk(palette);
}

/// A disc for errors, a triangle for warnings, a ring for notes, each with its mark: told apart without colour.
void paintSign(QPainter& painter, const QRectF& box, Severity severity, const QColor& ink, const QColor& ground)
{
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath shape;
    if (severity == Severity::warning) {
        shape.moveTo(box.center().x(), box.top());
        shape.lineTo(box.bottomRight());
        shape.lineTo(box.bottomLeft());
        shape.closeSubpath();
    } else {
        shape.addEllipse(box);
    }
    const bool filled = severity != Severity::note;
    painter.setPen(filled ? Qt::NoPen : QPen(ink, 1));
    painter.setBrush(filled ? QBrush(ink) : Qt::NoBrush);
    painter.drawPath(shape);
    QFont font = painter.font();
    font.setPixelSize(qMax(6, qRound(box.height() * (severity == Severity::warning ? 0.66 : 0.78))));
    font.setBold(true);
    painter.setFont(font);
    painter.setPen(filled ? ground : ink);
    const QRectF place = severity == Severity::warning ? box.translated(0, box.height() * 0.12) : box;
    painter.drawText(place, Qt::AlignCenter, severity == Severity::note ? QStringLiteral("i") : QStringLiteral("!"));
}

} // namespace

FieldNote::FieldNote(QWidget* parent) : QLabel(parent)
{
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
    setForegroundRole(QPalette::WindowText);
    dress();
}

void FieldNote::say(Severity severity, const QString& message)
{
    severity_ = severity;
    setText(message);
    dress();
}

void FieldNote::setSignShown(bool shown)
{
    signShown_ = shown;
    dress();
}

void FieldNote::dress()
{
    dressing_ = true;
    if (parentWidget() != nullptr) {
        setFont(smallFont(parentWidget()->font()));
        QPalette inks = parentWidget()->palette();
        inks.setColor(QPalette::WindowText, inkOf(severity_, inks));
        setPalette(inks);
    }
    const int side = fontMetrics().ascent();
    setContentsMargins(signShown_ ? side + 6 : 0, 0, 0, 0);
    dressing_ = false;
}

void FieldNote::paintEvent(QPaintEvent* event)
{
    QLabel::paintEvent(event);
    if (!signShown_)
        return;
    QPainter painter(this);
    const int side = fontMetrics().ascent();
    const int top = qMax(0, (height() - heightForWidth(width())) / 2); // beside the first line of the centred text
    paintSign(painter, QRectF(0.5, top + (fontMetrics().height() - side) / 2.0 + 0.5, side - 1, side - 1), severity_,
              palette().color(QPalette::WindowText), palette().color(QPalette::Window));
}

bool FieldNote::event(QEvent* event)
{
    // The size and the inks follow from the parent's, whose changes do not reach a widget with a font of its own: they
    // are looked at again when they may have changed and whenever the note comes into sight.
    switch (event->type()) {
    case QEvent::PaletteChange:
    case QEvent::FontChange:
    case QEvent::StyleChange:
    case QEvent::ParentChange:
    case QEvent::Show:
        if (!dressing_)
            dress();
        break;
    default:
        break;
    }
    return QLabel::event(event);
}

} // namespace weighbridge
