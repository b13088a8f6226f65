#pragma once

#include "ui/views/rows_model.h"
#include "ui/widgets/sheet_view.h"

namespace weighbridge {

class SheetHeader;

/// A table of texts that lies on the page: every column takes what its texts need, the first the rest of the width.
class RowsTable : public SheetView
{
    Q_OBJECT

public:
    explicit RowsTable(QWidget* parent = nullptr);

    void display(Rows rows, bool stale);
    RowsModel& rowsModel() { return *model_; }
    /// A click on a heading sorts by it, and so does the context menu.
    void setSortable();
    /// Scrolls its rows under its headings, and sideways, rather than lying on a page that scrolls.
    void setScrolls();
    /// The whole table as tab-separated text, also the columns that are out of sight.
    void copy() const;
    /// The column that it is sorted by; -1: by none.
    int sortedColumn() const { return sorted_; }
    Qt::SortOrder sortOrder() const { return order_; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    SheetHeader& headings() const;
    int widthFor(int column) const;
    bool isShown(std::size_t column) const;
    int figuresWidth(int spare) const;
    int leastWidth(int spare) const;
    int spareWithRoom() const;
    int leastText(std::size_t column) const;
    int textShare() const;
    void measure();
    void layOutColumns();
    void sortBy(int column);
    void makeActions();

    RowsModel* model_;
    std::vector<int> widths_;
    bool sortable_ = false;
    int spare_ = 0; ///< columns that are more spare are out of sight
    int sorted_ = -1;
    Qt::SortOrder order_ = Qt::AscendingOrder;
};

} // namespace weighbridge
