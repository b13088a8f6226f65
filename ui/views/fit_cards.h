#pragma once

#include "ui/charts/parts_widget.h"
#include "ui/session/view_state.h"

#include <utility>

namespace weighbridge {

/// The same estimate on every accelerator of interest: a card each, the chosen one outlined. Choosing a card takes that
/// accelerator.
class FitCards : public PartsWidget
{
    Q_OBJECT

public:
    explicit FitCards(QWidget* parent = nullptr);

    void display(const ViewState& state);

    std::size_t partCount() const override { return cards_.size(); }
    QString partName(std::size_t part) const override;
    QRectF partRect(std::size_t part) const override;
    QString partToolTip(std::size_t part) const override;
    bool partSelected(std::size_t part) const override;
    void activatePart(std::size_t part) override;
    QAccessible::Role widgetRole() const override { return QAccessible::List; }
    bool partsActivate() const override { return true; }

    /// What a card shows at its width: name, verdict, and what stands beside it.
    QStringList textsOf(std::size_t part) const;

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void acceleratorChosen(const QString& id);
    void pinToggled(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    std::optional<std::size_t> neighbour(std::size_t from, int key) const override;
    void fontsChanged() override;

private:
    /// What a card shows, prepared once per estimate and width.
    struct Card
    {
        const Fit* fit = nullptr; ///< in the estimate that state_ holds
        bool pinned = false;
        QRectF rect;
        QString name;    ///< elided to the card
        QString verdict; ///< "✓ 83 %"
        QString aside;   ///< "13.9 GiB free · pinned", what of it there is room for
    };

    void measure();
    int columnsFor(int width) const;
    int cardHeight() const;
    void layOut();
    void paintCard(QPainter& painter, const Card& card, bool selected) const;
    QString freeText(const Card& card) const;
    std::pair<QString, QString> foot(const Card& card, qreal room) const;
    qreal footWidth(const QString& verdict, const QString& aside) const;
    bool isPinned(const Fit& fit) const;

    ViewState state_;
    std::vector<Card> cards_;
    int leastWidth_ = 1; ///< of a card
};

} // namespace weighbridge
