"""The demo's news: invented places, invented events, in four languages."""

from typing import NamedTuple


class Story(NamedTuple):
    """One article. `minutes` is how long before now it was published."""

    slug: str
    language: str
    title: str
    author: str
    section: str
    minutes: int
    paragraphs: tuple[str, ...]


STORIES = (
    Story(
        "varenne-port-renove", "fr", "Varenne-sur-Mer rouvre son vieux port après deux ans de travaux",
        "Claire Montfort", "Région", 4,
        (
            "Le vieux port de Varenne-sur-Mer a rouvert mardi matin aux pêcheurs et aux promeneurs, deux ans après le "
            "début d'un chantier que beaucoup croyaient perdu. Les quais ont été relevés de quarante centimètres.",
            "« Nous voulions un port qui tienne encore cinquante ans », a expliqué la maire devant plusieurs centaines "
            "d'habitants. Le coût final, 12,4 millions d'euros, dépasse d'un dixième le budget voté.",
            "Les pêcheurs, qui avaient dû s'amarrer à l'embouchure de la Lysse, retrouvent leurs trente-deux places. "
            "La criée reprendra lundi prochain, après un dernier contrôle de la chambre froide.",
            "Le conseil municipal examinera en avril la seconde tranche des travaux, qui concerne le phare et la digue.",
        ),
    ),
    Story(
        "ecole-bois-clair", "fr", "À Bois-Clair, une école installe ses classes dans une ancienne scierie",
        "Hugo Delmas", "Société", 11,
        (
            "Soixante élèves ont fait leur rentrée dans une ancienne scierie de Bois-Clair, transformée en huit mois par "
            "une coopérative d'artisans de la vallée. Les murs sentent encore le pin coupé.",
            "Le bâtiment est chauffé par les chutes de bois des ateliers voisins, et la cour occupe l'aire où l'on "
            "empilait autrefois les grumes. Une passerelle la relie désormais à la bibliothèque.",
            "Les parents saluent un projet mené « sans un mètre carré de béton neuf ». L'inspection a donné son accord "
            "pour trois ans et demandera un bilan au printemps.",
            "Deux communes voisines ont déjà pris contact avec la coopérative pour des projets comparables.",
        ),
    ),
    Story(
        "finale-coupe-vallee", "fr", "Coupe de la Vallée : Montclair renverse Lisle au bout de la prolongation",
        "Inès Carpentier", "Sports", 23,
        (
            "Menés de deux buts à la pause, les joueurs de Montclair ont remporté samedi la Coupe de la Vallée aux "
            "dépens de Lisle (3-2), devant quatre mille spectateurs trempés par la pluie.",
            "L'égalisation est venue d'un coup franc à la quatre-vingt-neuvième minute. En prolongation, le gardien de "
            "Lisle a repoussé deux tirs avant de s'incliner sur un ballon dévié.",
            "C'est le troisième titre de Montclair en dix ans. L'entraîneur, qui quittera le club en juin, a quitté la "
            "pelouse porté par ses joueurs.",
            "Lisle, de son côté, jouera son maintien en championnat dès mercredi.",
        ),
    ),
    Story(
        "harbour-bridge-tolls", "en", "Harrow Bay scraps bridge tolls after a year of half-empty lanes",
        "Martha Ellison", "Transport", 6,
        (
            "Harrow Bay will stop charging drivers to cross its harbour bridge from the first of next month, the council "
            "said on Tuesday, ending a scheme that brought in less than a third of what it was meant to.",
            "Traffic on the bridge fell by forty per cent in its first week of tolls and never came back, as drivers took "
            "the longer road through Elmstead. Residents there had complained of lorries at night.",
            "The council will pay for repairs to the eastern pier from a reserve instead. Opposition members called the "
            "decision overdue and asked for the contract with the toll operator to be published.",
            "The last tolls will be taken at midnight on the thirtieth. Annual passes will be refunded in full.",
        ),
    ),
    Story(
        "owl-count-record", "en", "Volunteers count a record number of owls in the Carrick hills",
        "Tom Ashgrove", "Environment", 17,
        (
            "More than two hundred volunteers who spent four nights in the Carrick hills have counted 318 owls, the most "
            "since the survey began in the valley twenty-two years ago.",
            "The count was helped by still weather and a good year for voles, said the trust that runs it. Barn owls did "
            "best, with nests in eleven of the twelve barns that farmers had left open for them.",
            "Not every species gained. Short-eared owls were heard at only three places, down from nine, and the trust "
            "will ask walkers to keep to the paths on the northern moor in spring.",
            "The next survey is planned for early March, when the males begin to call.",
        ),
    ),
    Story(
        "clock-tower-restored", "en", "Stopped for a decade, Penmoor's clock tower strikes again",
        "Ruth Calder", "Culture", 29,
        (
            "The clock on Penmoor's market tower struck noon on Sunday for the first time in ten years, to applause from "
            "a crowd that had been warned it might be a minute late. It was eleven seconds early.",
            "Its movement, built in 1871, was taken apart by two retired watchmakers who found the fault in a worn wheel "
            "no wider than a thumb. A new one was cut at the technical college.",
            "The town raised the money with a calendar of photographs of stopped clocks, which sold out twice. What is "
            "left over will pay for winding it by hand every week.",
            "A small exhibition on the first floor shows the old wheel and the tools that made the new one.",
        ),
    ),
    Story(
        "tren-nocturno-sierra", "es", "El tren nocturno vuelve a cruzar la sierra de Alcorta tras quince años",
        "Lucía Barragán", "Economía", 8,
        (
            "El tren nocturno entre Puerto Nero y Villarreal de la Sierra volverá a circular a partir del viernes, quince "
            "años después de que la compañía lo suprimiera por falta de viajeros.",
            "La línea contará con tres salidas por semana y coches reformados en los talleres de Alcorta. El billete "
            "básico costará diecinueve euros, y los vecinos de los pueblos del recorrido pagarán la mitad.",
            "Los alcaldes de la comarca, que reclamaban el servicio desde hace una década, recibieron el primer tren de "
            "prueba con una banda de música y chocolate caliente.",
            "La empresa revisará los resultados después del verano antes de ampliar el número de salidas.",
        ),
    ),
    Story(
        "biblioteca-barco", "es", "Una biblioteca en barco recorre los pueblos del río Tamia",
        "Andrés Quiroga", "Cultura", 14,
        (
            "Con tres mil libros y una mesa de dibujo a bordo, una antigua barcaza de carga recorre desde el lunes los "
            "once pueblos de la ribera del Tamia que no tienen biblioteca propia.",
            "La iniciativa nació de dos maestras que cargaban cajas de libros en una furgoneta. El ayuntamiento cedió la "
            "barcaza y una docena de carpinteros jubilados construyó las estanterías.",
            "Cada parada dura dos días. Los niños pueden quedarse con un libro hasta la vuelta siguiente, tres semanas "
            "después, y los mayores piden sobre todo novelas con letra grande.",
            "El proyecto tiene fondos para un año y busca voluntarios para el invierno.",
        ),
    ),
    Story(
        "sequia-embalse-lomas", "es", "La lluvia devuelve el agua al embalse de Las Lomas y se levantan las restricciones",
        "Marta Escudero", "Sociedad", 26,
        (
            "El embalse de Las Lomas ha superado el sesenta por ciento de su capacidad tras dos semanas de lluvia, y las "
            "autoridades han levantado las restricciones que pesaban sobre nueve municipios.",
            "Desde mañana se podrá volver a regar los huertos y a llenar las fuentes públicas. Los cortes nocturnos, en "
            "vigor desde julio, terminan esta misma noche.",
            "Los regantes piden prudencia y recuerdan que hace dos años la mejora duró apenas cuatro meses. La "
            "confederación mantendrá los controles de consumo hasta el otoño.",
            "Las obras de la conducción que debe unir Las Lomas con el río Berro siguen sin fecha.",
        ),
    ),
    Story(
        "mina-library", "ar", "افتتاح مكتبة عامة جديدة في مدينة الميناء بعد سنوات من الانتظار",
        "سلمى الحداد", "ثقافة", 5,
        (
            "افتتحت مدينة الميناء صباح اليوم مكتبتها العامة الجديدة في مبنى الجمرك القديم، بعد ست سنوات من الانتظار "
            "وثلاثة تأجيلات، بحضور مئات السكان وتلاميذ المدارس.",
            "وتضم المكتبة أربعين ألف كتاب وقاعة للأطفال تطل على البحر، إضافة إلى أرشيف للصحف المحلية جمعه متطوعون من "
            "بيوت العائلات في المدينة القديمة.",
            "وقالت مديرة المكتبة إن الدخول مجاني للجميع، وإن الإعارة ستبدأ الأسبوع المقبل بعد الانتهاء من تسجيل المشتركين.",
            "وتعتزم البلدية فتح فرعين صغيرين في الأحياء الجبلية قبل نهاية العام المقبل.",
        ),
    ),
    Story(
        "olive-season", "ar", "موسم زيتون وفير في وادي السرو يعيد الحياة إلى المعاصر القديمة",
        "نادر الخطيب", "اقتصاد", 13,
        (
            "عادت ثلاث معاصر حجرية قديمة إلى العمل في وادي السرو هذا الخريف، بعدما سجل المزارعون أوفر موسم زيتون منذ "
            "اثني عشر عاما بحسب تعاونية الوادي.",
            "وأوضح رئيس التعاونية أن أمطار الربيع المتأخرة وتحسن مكافحة ذبابة الثمار رفعا الإنتاج بنحو الثلث، فيما بقيت "
            "الأسعار مستقرة في الأسواق القريبة.",
            "ويعمل في القطاف أكثر من ألفي شخص، بينهم طلاب جاؤوا من المدينة لقضاء عطلة نهاية الأسبوع بين الأشجار.",
            "وستنظم التعاونية معرضا للزيت في الساحة الرئيسية يوم الجمعة المقبل.",
        ),
    ),
    Story(
        "desert-race", "ar", "عداءة من واحة النخيل تفوز بسباق الكثبان وتحطم الرقم القياسي",
        "ريم العلي", "رياضة", 21,
        (
            "فازت عداءة شابة من واحة النخيل بسباق الكثبان الطويل أمس، قاطعة اثنين وأربعين كيلومترا من الرمل في ثلاث ساعات "
            "وتسع وأربعين دقيقة، وهو رقم قياسي جديد للسباق.",
            "وشارك في الدورة الثامنة مئة وستون عداء وعداءة من أحد عشر بلدا، وانسحب ثلثهم تقريبا بسبب الحر والرياح.",
            "وقالت الفائزة عند خط الوصول إنها تدربت طوال الشتاء قبل شروق الشمس، وإنها ستهدي الجائزة لمدرسة قريتها.",
            "ومن المقرر أن تقام الدورة المقبلة في الموعد نفسه، مع مسار جديد يمر قرب البحيرة الجافة.",
        ),
    ),
)  # fmt: skip

TICKER = (
    "Lisle : le marché couvert rouvrira en juin",
    "Crue de la Lysse : les riverains priés de déplacer leurs voitures",
    "Handball : Montclair s'impose de justesse à Varenne",
    "La foire aux livres de Bois-Clair attire neuf mille visiteurs",
    "El puerto de Villanueva amplía su lonja de pescado",
    "New ferry links Harrow Bay with the outer islands",
)
