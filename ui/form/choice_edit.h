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
    using All = std::function<QList<FieldChoice>()>;
    using One = std::function<std::optional<FieldChoice>(const QString& value)>;

    /// With `one` the list is made when it is first needed; until then it holds the values that were shown.
    ChoiceEdit(All all, One one, bool editable, QWidget* parent = nullptr);

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
    void focusInEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void add(const FieldChoice& choice);
    void complete();
    QString valueOfText(const QString& text) const;
    QString detail() const;
    QRect textRect() const;

    QList<FieldChoice> choices_;
    All all_;
    One one_;
    QString default_;
    bool complete_ = false;
    bool typing_ = false; ///< the text is a person's own until the focus leaves
    QString echo_;        ///< what that text came to; null: not said yet
};

} // namespace weighbridge
