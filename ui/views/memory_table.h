#pragma once

#include "ui/session/view_state.h"
#include "ui/widgets/sheet_view.h"

#include <QSet>

#include <array>

namespace weighbridge {

class MemoryDelegate;
class MemoryModel;

/// Every term with its amount, share, formula and basis. As high as its rows; what is expanded stays so when the
/// estimate changes.
class MemoryTable : public SheetView
{
    Q_OBJECT

public:
    explicit MemoryTable(QWidget* parent = nullptr);

    void display(const ViewState& state);
    MemoryModel& memoryModel() { return *model_; }

    /// Ids of the rows that are open, also of those that the current estimate lacks; to persist.
    const QSet<QString>& expandedIds() const { return expandedIds_; }
    void setExpandedIds(const QSet<QString>& ids);

    /// Names and figures; formulas go below them.
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const override;

private:
    void restoreExpanded();
    void measureColumns();
    void layOutColumns();
    bool giveWidths(std::array<int, 5> widths);

    MemoryModel* model_;
    MemoryDelegate* delegate_;
    QSet<QString> expandedIds_;
    bool restoring_ = false;
    std::array<int, 5> wanted_{}; ///< widths of the columns' contents
    bool placed_ = false;         ///< the page has given it a width
};

} // namespace weighbridge
