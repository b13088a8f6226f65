#pragma once

#include "ui/views/rows_model.h"
#include "ui/views/sheet_view.h"

namespace weighbridge {

/// A table of texts that lies on the page: every column takes what its texts need, the first the rest of the width.
class RowsTable : public SheetView
{
    Q_OBJECT

public:
    explicit RowsTable(QWidget* parent = nullptr);

    void display(Rows rows, bool stale);
    RowsModel& rowsModel() { return *model_; }
    /// A click on a heading sorts by it.
    void setSortable();
    /// Scrolls its rows under its headings, and sideways, rather than lying on a page that scrolls.
    void setScrolls();
    /// The column that it is sorted by; -1: by none.
    int sortedColumn() const { return sorted_; }
    Qt::SortOrder sortOrder() const { return order_; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int widthFor(int column) const;
    int figuresWidth() const;
    int leastText() const;
    int textShare() const;
    void measure();
    void layOutColumns();
    void sortBy(int column);

    RowsModel* model_;
    std::vector<int> widths_;
    int sorted_ = -1;
    Qt::SortOrder order_ = Qt::AscendingOrder;
};

} // namespace weighbridge
