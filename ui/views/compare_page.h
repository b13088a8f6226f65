#pragma once

#include "core/answers/compare.h"
#include "ui/views/page.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace weighbridge {

class CompareBars;
class TableSheet;

/// What differs between setups: those that were kept, and the form's own as the last one.
class ComparePage : public Page
{
    Q_OBJECT

public:
    explicit ComparePage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    void keep(const EstimatePointer& estimate) override;
    std::vector<Table> tables() const override;
    std::optional<WantedFile> file(const QString& ending) const override;
    std::size_t keptCount() const { return kept_.size(); }

protected:
    void style() override;
    void showEvent(QShowEvent* event) override;

private:
    TableSheet* addSheet(QVBoxLayout* column, const QString& name, const QString& accessibleName);
    void compareAll();
    void showComparison();
    void forget();

    ViewState state_;
    std::vector<EstimatePointer> kept_;
    EstimatePointer compared_; ///< the form's own, of what is shown
    std::optional<SetupComparison> comparison_;
    QLabel* words_ = nullptr;
    QPushButton* keep_ = nullptr;
    QPushButton* forget_ = nullptr;
    QWidget* answer_ = nullptr;
    CompareBars* bars_ = nullptr;
    TableSheet* keys_ = nullptr;
    TableSheet* terms_ = nullptr;
    TableSheet* figures_ = nullptr;
    QLabel* reasons_ = nullptr;
    std::vector<QLabel*> titles_;
};

} // namespace weighbridge
