#pragma once

#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QTreeView>

namespace weighbridge {

/// A table that lies on the page: no frame, no inner scroll bar, a hairline below each row, a flat header, as high as
/// its rows. The page around it scrolls; moving with the keyboard keeps the current row in sight.
class SheetView : public QTreeView
{
    Q_OBJECT

public:
    explicit SheetView(QWidget* parent = nullptr);

    const Theme& theme() const { return theme_; }
    const Typography& typography() const { return typography_; }
    const Spacing& spacing() const { return spacing_; }
    bool isStale() const { return stale_; }
    void setStale(bool stale);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    /// Takes the height of its rows; to call when rows come, go or change their height.
    void fitHeight();

    /// Whether rows scroll within the sheet instead of with the page; a sheet begins without.
    bool scrollsItself() const { return scrollsItself_; }

Q_SIGNALS:
    /// Palette, font or staleness changed.
    void appearanceChanged();

protected:
    void setScrollsItself(bool scrolls) { scrollsItself_ = scrolls; }
    void changeEvent(QEvent* event) override;
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void updateGeometries() override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void followPalette();
    void showInPage(const QModelIndex& index);
    int contentHeight() const;

    Theme theme_;
    QColor focusInk_; ///< not greyed with the rest
    Typography typography_;
    Spacing spacing_;
    bool stale_ = false;
    bool scrollsItself_ = false;
    bool settingPalette_ = false;
    int height_ = 0;
};

} // namespace weighbridge
