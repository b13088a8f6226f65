#pragma once

#include <QLineEdit>
#include <QString>

namespace weighbridge {

/// A line edit of the form: a unit at the right inside the frame, the window's undo in place of its own, no reaction to
/// the wheel.
class LineEdit : public QLineEdit
{
    Q_OBJECT

public:
    explicit LineEdit(QWidget* parent = nullptr);

    void setSuffix(const QString& suffix);
    const QString& suffix() const { return suffix_; }
    /// Shows a value without telling anyone; the cursor stays where it was as far as it can.
    void showText(const QString& text);

Q_SIGNALS:
    void edited(const QString& text);
    /// The focus went elsewhere, or Enter was pressed.
    void left();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;

private:
    void makeRoom();

    QString suffix_;
    bool showsSuffix_ = false;
};

} // namespace weighbridge
