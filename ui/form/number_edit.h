#pragma once

#include "ui/form/form_field.h"
#include "ui/form/line_edit.h"

#include <functional>

namespace weighbridge {

/// A number of the form. Counts take "8k", "128k", "4*8192" and show their digits in groups once they are left; real
/// numbers take "0.9", "92 %". Up and Down step.
class NumberEdit : public LineEdit
{
    Q_OBJECT

public:
    NumberEdit(FieldKind kind, FieldStep step, QWidget* parent = nullptr);

    /// What the suffixes of a count mean.
    void setCountUnit(CountUnit unit) { unit_ = unit; }
    /// Shows the session's text, unless what is being typed means the same.
    void showValue(const QString& text);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QString shownText(const QString& text) const;
    bool meansTheSame(const QString& text) const;
    QString stepped(bool up) const;

    FieldKind kind_;
    FieldStep step_;
    CountUnit unit_ = CountUnit::plain;
};

} // namespace weighbridge
