#include "ui/form/picker.h"

#include "ui/form/picker_popup.h"
#include "ui/theme/ink.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStandardItem>
#include <QStyleOptionComboBox>
#include <QStylePainter>

namespace weighbridge {

QStandardItem* pickerCell(const QString& text, Qt::Alignment alignment)
{
    auto* item = new QStandardItem(text);
    item->setTextAlignment(alignment);
    item->setEditable(false);
    return item;
}

Picker::Picker(QWidget* parent) : QAbstractButton(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &QAbstractButton::clicked, this, [this] { open(); });
}

void Picker::showChoice(const QString& value, const QString& text, const QString& detail)
{
    value_ = value;
    if (detail_ == detail && this->text() == text)
        return;
    detail_ = detail;
    setText(text);
    update();
}

void Picker::open(const QString& filter)
{
    auto* popup = new PickerPopup(
        makeModel(this), searchHint(), [this](const QString& words) { return nothingFound(words); }, this);
    popup->setAttribute(Qt::WA_DeleteOnClose);
    connect(popup, &PickerPopup::chosen, this, &Picker::chosen);
    popup->openBelow(this, value_, filter);
}

QSize Picker::sizeHint() const
{
    QStyleOptionComboBox option;
    option.initFrom(this);
    const QSize content(fontMetrics().averageCharWidth() * 14, fontMetrics().height());
    return style()->sizeFromContents(QStyle::CT_ComboBox, &option, content, this);
}

QSize Picker::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 10, sizeHint().height()};
}

void Picker::paintEvent(QPaintEvent*)
{
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    option.initFrom(this);
    option.editable = false;
    option.subControls = QStyle::SC_All;
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const QRect field = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);

    const QFontMetrics small(smallFont(font()));
    const int detailWidth = detail_.isEmpty() ? 0 : small.horizontalAdvance(detail_) + 8;
    const bool roomForDetail = fontMetrics().horizontalAdvance(text()) + detailWidth + 4 <= field.width();
    option.currentText =
        fontMetrics().elidedText(text(), Qt::ElideMiddle, field.width() - (roomForDetail ? detailWidth : 0) - 4);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
    if (!roomForDetail)
        return;
    painter.setFont(smallFont(font()));
    painter.setPen(mutedInk(palette()));
    painter.drawText(field, Qt::AlignRight | Qt::AlignVCenter, detail_);
}

void Picker::keyPressEvent(QKeyEvent* event)
{
    const bool opens = event->key() == Qt::Key_Down || event->key() == Qt::Key_Up || event->key() == Qt::Key_F4 ||
                       event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    const bool types = !event->text().isEmpty() && event->text().at(0).isPrint() &&
                       event->text().at(0) != QLatin1Char(' ') &&
                       (event->modifiers() & ~Qt::ShiftModifier) == Qt::NoModifier;
    if (opens)
        open();
    else if (types)
        open(event->text());
    else
        QAbstractButton::keyPressEvent(event);
}

void Picker::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        open();
    else
        QAbstractButton::mousePressEvent(event);
}

} // namespace weighbridge
