#pragma once

#include "ui/widgets/sheet_view.h"

#include <vector>

namespace weighbridge {

/// Roles of the models that an AccuracySheet shows.
enum AccuracyRole
{
    markRole = Qt::UserRole, ///< ScatterMark to draw in place of text
    toneRole,                ///< AccuracyTone
};

enum class AccuracyTone
{
    plain,
    muted,
    good,
    bad,
};

/// How a column takes its width.
struct SheetColumn
{
    bool elastic = false; ///< takes what the others leave, the first ones before the later; its text is elided
    int dropped = 0;      ///< those with more go first where there is no room; 0: never
    Qt::TextElideMode elide = Qt::ElideMiddle;
};

/// A sheet whose figures take what they need and whose texts share the rest. Narrow, columns that are said elsewhere
/// too give way. Where no text is elastic, the first column has what is left over.
class AccuracySheet : public SheetView
{
    Q_OBJECT

public:
    explicit AccuracySheet(QWidget* parent = nullptr);

    /// One per column of the model.
    void setColumns(std::vector<SheetColumn> columns);
    const SheetColumn& columnAt(int column) const { return columns_.at(static_cast<std::size_t>(column)); }
    /// To call when the model has other rows.
    void layOutColumns();
    /// In pixels, without what may be dropped.
    int leastWidthOfAll() const { return least_; }
    /// Scrolls its rows under its titles, rather than lying on a page that scrolls. Its owner then sees to its
    /// width.
    void setScrolls(bool scrolls);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void currentRowChanged(int row);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    int naturalWidth(int column) const;
    int leastWidth(int column) const;
    int leastOf(const std::vector<int>& natural) const;
    void dropColumns(const std::vector<int>& natural, int room);
    void shareRoom(const std::vector<int>& natural, int room);
    void copyRows() const;

    std::vector<SheetColumn> columns_;
    int least_ = 0;
};

} // namespace weighbridge
