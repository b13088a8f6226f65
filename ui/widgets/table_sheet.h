#pragma once

#include "ui/widgets/sheet_view.h"
#include "ui/widgets/table_model.h"

#include <functional>

namespace weighbridge {

class SheetHeader;

/// Any table of facts as it lies on the page: every column takes what its texts need, the first the rest of the width.
class TableSheet : public SheetView
{
    Q_OBJECT

public:
    explicit TableSheet(QWidget* parent = nullptr);

    void display(Table table, bool stale);
    TableModel& tableModel() { return *model_; }
    /// A click on a heading sorts by it, and so does the context menu.
    void setSortable();
    /// Scrolls its rows under its headings, and sideways, rather than lying on a page that scrolls.
    void setScrolls(bool scrolls = true);
    /// Draws something small before the text of the first column of a row, into a square.
    using Symbol = std::function<void(QPainter& painter, const QRectF& box, int row)>;
    void setSymbol(Symbol symbol);
    const Symbol& symbol() const { return symbol_; }
    /// What is chosen stays visible while the keyboard is elsewhere.
    void setShowsChosen() { showsChosen_ = true; }
    bool showsChosen() const { return showsChosen_; }
    /// In pixels, without what may give way.
    int leastWidth() const { return leastWidth(0, Headings::narrow); }
    /// The whole table as tab-separated text, also the columns that are out of sight.
    void copy() const;
    /// The column that it is sorted by; -1: by none.
    int sortedColumn() const { return sorted_; }
    Qt::SortOrder sortOrder() const { return order_; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void currentRowChanged(int row);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    enum class Headings
    {
        whole,
        narrow, ///< shorter ones, of columns that have them
    };

    SheetHeader& headings() const;
    int contentWidth(int column) const;
    int widthOf(std::size_t column, Headings headings) const;
    bool isShown(std::size_t column) const;
    bool isWhole(std::size_t column) const;
    int figuresWidth(int spare, Headings headings) const;
    int leastWidth(int spare, Headings headings) const;
    void chooseColumns();
    int leastText(std::size_t column, bool scrolling, Headings headings) const;
    int textShare() const;
    std::size_t elasticColumn() const;
    void measure();
    void layOutColumns();
    void sortBy(int column);
    void makeActions();

    TableModel* model_;
    Symbol symbol_;
    bool showsChosen_ = false;
    std::vector<int> contents_; ///< widths of columns without their headings
    std::vector<int> widths_;   ///< with the headings that are in use
    Headings shownHeadings_ = Headings::whole;
    bool sortable_ = false;
    int spare_ = 0; ///< columns that are more spare are out of sight
    int sorted_ = -1;
    Qt::SortOrder order_ = Qt::AscendingOrder;
};

} // namespace weighbridge
