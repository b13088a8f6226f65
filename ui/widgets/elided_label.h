#pragma once

#include <QLabel>

namespace weighbridge {

/// A line of text that gives way where there is no room, whole in the tool tip. Of facts that are set apart by " · "
/// whole ones are left out, from the last but one on; what is one word is elided in the middle (names differ at both
/// ends).
class ElidedLabel : public QLabel
{
    Q_OBJECT

public:
    explicit ElidedLabel(QWidget* parent = nullptr);

    void setFullText(const QString& text);
    const QString& fullText() const { return full_; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void elide();

    QString full_;
};

} // namespace weighbridge
