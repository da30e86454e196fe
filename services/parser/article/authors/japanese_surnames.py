"""The most frequent surnames of Japan: of a text without a label, only what begins with one of them is taken for a name."""

SURNAMES = frozenset(
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤 斉藤 齋藤 齊藤 清水 山崎 池田 橋本 阿部 石川 山下 "
    "中島 中嶋 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 福田 太田 西村 藤井 金子 岡本 藤原 三浦 中野 中川 原田 松田 竹内 小野 田村 "
    "中山 和田 石田 森田 上田 内田 柴田 酒井 宮崎 横山 高木 安藤 宮本 大野 小島 谷口 工藤 今井 高田 増田 丸山 杉山 村田 大塚 新井 小山 平野 藤本 河野 上野 "
    "野口 武田 松井 千葉 菅原 岩崎 久保 木下 松尾 佐野 野村 菊地 菊池 杉本 市川 古川 大西 島田 水野 桜井 渡部 高野 吉川 山内 西田 飯田 西川 小松 北村 安田 "
    "五十嵐 川口 平田 中田 関口 東 田口 川崎 川上 大久保 本田 永井 岩田 服部 秋山 久保田 松下 森本 中西 浅野 吉村 樋口 熊谷 大橋 大島 福島 石原 片山 岩本 "
    "早川 横田 岡崎 荒木 大谷 鎌田 成田 宮田 小池 矢野 栗原 荒井 大川 本間 黒田 松原 堀内 須藤 関 森 林 原 南 堀 岸 辻 西 谷 星 畑 中 平井 川村 神田 内藤 "
    "篠原 松村 山中 川島 土屋 三宅 渋谷 望月 馬場 大石 永田 尾崎 菅野 富田 西山 萩原 福井 小西 小田 児玉 三上 古賀 桑原 松岡 白石 中井 大森 今村 八木 奥村 "
    "天野 角田 榎本 上原 高山 山根 浜田 濱田 小泉 坂口 入江 吉岡 村井 田辺 河合 河村 植田 米田 徳永 相馬 津田 落合 大山 内山 広瀬 廣瀬 岡村 野田 大木 永野 "
    "金城 比嘉 大城 宮城 島袋 石橋 田島 川田 田畑 竹田 竹中 笠原 黒川 塚本 稲垣 飯塚 堤 宇野 戸田 沢田 澤田 江口 柳田 福本 足立 奥田 吉野 寺田 若林 小谷 三好".split()
)
LONGEST = max(map(len, SURNAMES))


def surname_of(name: str) -> str:
    """Returns the longest known surname that a name begins with and is longer than; empty if there is none."""
    return next((name[:size] for size in range(LONGEST, 0, -1) if len(name) > size and name[:size] in SURNAMES), "")
