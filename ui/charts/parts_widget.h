#pragma once

#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QAccessible>
#include <QWidget>

#include <optional>
#include <vector>

namespace weighbridge {

/// A painted widget made of parts that stand for something: bar segments, points, cards, choices. It gives every part
/// what a screen reader, the keyboard and the mouse need: a name, a rectangle, a tool tip, arrow keys that move between
/// parts, a focus ring. Theme and fonts follow the palette and the font at once.
class PartsWidget : public QWidget
{
    Q_OBJECT

public:
    explicit PartsWidget(QWidget* parent = nullptr);
    ~PartsWidget() override;

    virtual std::size_t partCount() const = 0;
    /// With its value: not every screen reader speaks a value apart from the name.
    virtual QString partName(std::size_t part) const = 0;
    virtual QRectF partRect(std::size_t part) const = 0;
    virtual QString partToolTip(std::size_t part) const { return partName(part); }
    virtual std::optional<std::size_t> partAt(QPointF point) const;
    /// Whether the part is the chosen one; only where parts can be chosen.
    virtual bool partSelected(std::size_t) const { return false; }
    /// Enter, Space or a click on a part.
    virtual void activatePart(std::size_t) {}

    virtual QAccessible::Role widgetRole() const { return QAccessible::Chart; }
    virtual QAccessible::Role partRole() const { return QAccessible::ListItem; }
    /// Parts that do something when activated.
    virtual bool partsActivate() const { return false; }

    std::optional<std::size_t> currentPart() const;
    void setCurrentPart(std::size_t part);

Q_SIGNALS:
    void currentPartChanged();

protected:
    const Theme& theme() const { return theme_; }
    const Typography& typography() const { return typography_; }
    const Spacing& spacing() const { return spacing_; }
    /// The part to outline: the current one while the widget has the keyboard focus.
    std::optional<std::size_t> focusedPart() const;
    /// The mark of the focus around a part; in full colours also where the rest is greyed.
    void paintFocus(QPainter& painter, const QRectF& rect) const;
    /// Greyed colours while `stale`.
    void setStale(bool stale);
    bool stale() const { return stale_; }
    /// To call after the parts changed: repaints and tells screen readers.
    void partsChanged();
    /// Where an arrow key leads; by default along a line.
    virtual std::optional<std::size_t> neighbour(std::size_t from, int key) const;
    /// The font or the style changed: layouts are to be made anew.
    virtual void fontsChanged() {}

    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void followPalette();
    void announce(QAccessible::Event what, std::size_t part);

    Theme theme_;
    Typography typography_;
    Spacing spacing_;
    std::size_t current_ = 0;
    bool stale_ = false;
};

} // namespace weighbridge
