#include "ui/theme/calm_style.h"

#include "ui/theme/focus_ring.h"
#include "ui/theme/ink.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOptionComboBox>
#include <QStyleOptionHeader>
#include <QStyleOptionSlider>
#include <QStyleOptionTab>

#include <algorithm>

namespace weighbridge {

namespace {

constexpr double radius = 4;
constexpr int fieldInset = 8;
constexpr int scrollBarWidth = 10;

bool isInvalid(const QWidget* widget)
{
    return widget != nullptr && widget->property(invalidProperty).toBool();
}

int fieldHeight(const QFontMetrics& metrics)
{
    return metrics.height() + std::max(8, metrics.height() / 2);
}

QColor frameInk(const QStyleOption& option, const QWidget* widget)
{
    if (isInvalid(widget))
        return errorInk(option.palette);
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    if (enabled && option.state.testFlag(QStyle::State_HasFocus))
        return option.palette.color(QPalette::Highlight);
    return hairline(option.palette);
}

/// A flat field: one hairline, twice as heavy while it has the focus or can't be used.
void paintField(QPainter& painter, const QStyleOption& option, const QColor& fill, const QWidget* widget)
{
    const bool heavy = isInvalid(widget) || option.state.testFlag(QStyle::State_HasFocus);
    const double width = heavy ? 2 : 1;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(frameInk(option, widget), width));
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(option.rect).adjusted(width / 2, width / 2, -width / 2, -width / 2), radius, radius);
    painter.restore();
}

QColor fieldFill(const QStyleOption& option)
{
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    return option.palette.color(enabled ? QPalette::Base : QPalette::Window);
}

void paintComboBox(QPainter& painter, const QStyleOptionComboBox& option, const QRect& arrow, const QWidget* widget)
{
    QStyleOption field = option;
    if (const auto* box = qobject_cast<const QComboBox*>(widget);
        box != nullptr && box->isEditable() && box->hasFocus())
        field.state |= QStyle::State_HasFocus;
    paintField(painter, field, fieldFill(option), widget);
    const double side = std::max(6.0, option.fontMetrics.ascent() * 0.5);
    const QPointF middle = QRectF(arrow).center();
    QPainterPath path;
    path.moveTo(middle.x() - side / 2, middle.y() - side / 4);
    path.lineTo(middle.x(), middle.y() + side / 4);
    path.lineTo(middle.x() + side / 2, middle.y() - side / 4);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(mutedInk(option.palette), 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(path);
    painter.restore();
}

void paintButton(QPainter& painter, const QStyleOption& option, const QWidget* widget)
{
    QColor fill = option.palette.color(QPalette::Button);
    if (option.state.testFlag(QStyle::State_Sunken) || option.state.testFlag(QStyle::State_On))
        fill = option.palette.color(QPalette::Midlight);
    else if (option.state.testFlag(QStyle::State_MouseOver) && option.state.testFlag(QStyle::State_Enabled))
        fill = option.palette.color(QPalette::Base);
    paintField(painter, option, fill, widget);
}

void paintFocus(QPainter& painter, const QStyleOption& option, const QWidget* widget)
{
    const QPalette::ColorRole ground = widget != nullptr ? widget->backgroundRole() : QPalette::Window;
    paintFocusRing(painter, QRectF(option.rect), option.palette.color(QPalette::Highlight),
                   option.palette.color(ground));
}

void paintScrollBar(QPainter& painter, const QStyleOptionSlider& option, const QRect& slider)
{
    painter.fillRect(option.rect, option.palette.color(QPalette::Window));
    if (option.minimum >= option.maximum)
        return;
    const bool active = option.state.testFlag(QStyle::State_MouseOver) || option.state.testFlag(QStyle::State_Sunken);
    QColor ink = mutedInk(option.palette);
    ink.setAlphaF(active ? 0.7F : 0.35F);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawRoundedRect(QRectF(slider).adjusted(2, 2, -2, -2), 3, 3);
    painter.restore();
}

void paintTab(QPainter& painter, const QStyleOptionTab& option, const QWidget* widget)
{
    const bool chosen = option.state.testFlag(QStyle::State_Selected);
    const QRect line(option.rect.left(), option.rect.bottom() - 1, option.rect.width(), 2);
    if (chosen)
        painter.fillRect(line, option.palette.color(QPalette::Highlight));
    if (option.state.testFlag(QStyle::State_HasFocus)) { // below the text, which comes close to it
        QStyleOption focus = option;
        focus.rect = option.rect.adjusted(3, 0, -3, -3);
        paintFocus(painter, focus, widget);
    }
    const bool hovered = option.state.testFlag(QStyle::State_MouseOver) && option.state.testFlag(QStyle::State_Enabled);
    painter.setPen(chosen || hovered ? option.palette.color(QPalette::WindowText) : mutedInk(option.palette));
    painter.drawText(option.rect, Qt::AlignCenter | Qt::TextShowMnemonic, option.text);
}

} // namespace

CalmStyle::CalmStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void CalmStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const
{
    switch (element) {
    case PE_PanelLineEdit:
        // The line edit of a combo box stands inside the box's own frame.
        if (widget == nullptr || qobject_cast<const QComboBox*>(widget->parentWidget()) == nullptr)
            paintField(*painter, *option, fieldFill(*option), widget);
        return;
    case PE_FrameLineEdit:
        return;
    case PE_PanelButtonCommand:
        paintButton(*painter, *option, widget);
        return;
    case PE_FrameFocusRect:
        paintFocus(*painter, *option, widget);
        return;
    case PE_FrameTabBarBase:
        painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1),
                          hairline(option->palette));
        return;
    case PE_FrameStatusBarItem:
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void CalmStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                            const QWidget* widget) const
{
    if (element == CE_TabBarTab) {
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option)) {
            paintTab(*painter, *tab, widget);
            return;
        }
    }
    if (element == CE_HeaderSection || element == CE_HeaderEmptyArea) {
        painter->fillRect(option->rect, option->palette.color(QPalette::Base));
        painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1),
                          hairline(option->palette));
        return;
    }
    if (element == CE_HeaderLabel) {
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            painter->setFont(smallFont(painter->font()));
            painter->setPen(mutedInk(header->palette));
            painter->drawText(header->rect.adjusted(1, 0, -1, 0),
                              static_cast<int>(header->textAlignment | Qt::AlignVCenter), header->text);
            return;
        }
    }
    if (element == CE_ComboBoxLabel) {
        if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option)) {
            const QRect field = subControlRect(CC_ComboBox, box, SC_ComboBoxEditField, widget);
            const bool enabled = box->state.testFlag(State_Enabled);
            painter->setPen(enabled ? box->palette.color(QPalette::Text) : mutedInk(box->palette));
            painter->drawText(field, Qt::AlignLeft | Qt::AlignVCenter, box->currentText);
            return;
        }
    }
    if (element == CE_Splitter) {
        painter->fillRect(option->rect, hairline(option->palette));
        return;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void CalmStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                   const QWidget* widget) const
{
    if (control == CC_ComboBox) {
        if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option)) {
            paintComboBox(*painter, *box, subControlRect(CC_ComboBox, box, SC_ComboBoxArrow, widget), widget);
            return;
        }
    }
    if (control == CC_ScrollBar) {
        if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option)) {
            paintScrollBar(*painter, *slider, subControlRect(CC_ScrollBar, slider, SC_ScrollBarSlider, widget));
            return;
        }
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect CalmStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                                const QWidget* widget) const
{
    if (control == CC_ComboBox) {
        const int arrow = option->fontMetrics.ascent() + fieldInset;
        const QRect& rect = option->rect;
        if (part == SC_ComboBoxArrow)
            return visualRect(option->direction, rect, {rect.right() - arrow, rect.top(), arrow, rect.height()});
        if (part == SC_ComboBoxEditField) {
            const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
            const int left = box != nullptr && box->editable ? 4 : fieldInset;
            return visualRect(option->direction, rect,
                              {rect.left() + left, rect.top() + 1, rect.width() - arrow - left, rect.height() - 2});
        }
    }
    if (control == CC_ScrollBar) {
        // No arrows: the groove is the whole bar.
        const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
        if (bar != nullptr && (part == SC_ScrollBarAddLine || part == SC_ScrollBarSubLine))
            return {};
        if (bar != nullptr && part == SC_ScrollBarGroove)
            return bar->rect;
        if (bar != nullptr && part == SC_ScrollBarSlider) {
            const bool upright = bar->orientation == Qt::Vertical;
            const int length = upright ? bar->rect.height() : bar->rect.width();
            const int range = bar->maximum - bar->minimum;
            const int size = range <= 0 ? length
                                        : std::clamp(static_cast<int>(static_cast<qint64>(bar->pageStep) * length /
                                                                      (range + bar->pageStep)),
                                                     std::min(28, length), length);
            const int start = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - size,
                                                      bar->upsideDown);
            return upright ? QRect(bar->rect.left(), bar->rect.top() + start, bar->rect.width(), size)
                           : QRect(bar->rect.left() + start, bar->rect.top(), size, bar->rect.height());
        }
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

QSize CalmStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                  const QWidget* widget) const
{
    QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
    const QFontMetrics metrics = widget != nullptr ? widget->fontMetrics() : option->fontMetrics;
    if (type == CT_LineEdit || type == CT_ComboBox || type == CT_PushButton)
        result.setHeight(fieldHeight(metrics));
    if (type == CT_TabBarTab) {
        result.setHeight(metrics.height() + metrics.height() * 9 / 10);
        result.rwidth() += metrics.averageCharWidth();
    }
    return result;
}

int CalmStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ScrollBarExtent:
        return scrollBarWidth;
    case PM_SplitterWidth:
        return 1;
    case PM_TabBarTabHSpace:
        return 20;
    case PM_TabBarTabShiftVertical:
    case PM_TabBarTabShiftHorizontal:
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int CalmStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                         QStyleHintReturn* answer) const
{
    if (hint == SH_ComboBox_Popup)
        return 0;
    if (hint == SH_ScrollBar_LeftClickAbsolutePosition)
        return 1;
    return QProxyStyle::styleHint(hint, option, widget, answer);
}

} // namespace weighbridge
