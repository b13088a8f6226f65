#pragma once

#include "ui/form/form_field.h"

#include <QComboBox>
#include <QString>

namespace weighbridge {

/// A list to choose from, with the detail of the choice ("16 bit") inside the frame. An editable one also takes text
/// that is not in the list. The wheel does nothing while it has no focus.
class ChoiceEdit : public QComboBox
{
    Q_OBJECT

public:
    ChoiceEdit(QList<FieldChoice> choices, bool editable, QWidget* parent = nullptr);

    void showValue(const QString& value);
    /// What leaving the choice open comes to: the detail of the choice whose value is empty, or "auto".
    void showDefault(const QString& text);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    void showPopup() override;

Q_SIGNALS:
    void edited(const QString& value);
    void left();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void fill();
    QString valueOfText(const QString& text) const;
    QString detail() const;
    QRect textRect() const;

    QList<FieldChoice> choices_;
};

} // namespace weighbridge
